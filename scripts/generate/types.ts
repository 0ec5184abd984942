/** TypeScript types of the fields that the decoder changes. */
import type { SchemaObject } from 'openapi-typescript';
import ts from 'typescript';

const { factory } = ts;
const keyword = (kind: ts.KeywordTypeSyntaxKind) => factory.createKeywordTypeNode(kind);
const bigintType = keyword(ts.SyntaxKind.BigIntKeyword);
const numberType = keyword(ts.SyntaxKind.NumberKeyword);
const stringType = keyword(ts.SyntaxKind.StringKeyword);

/** The decoded type of each kind of field. Every kind of the spec has a row, even if decoding does not change it. */
export const typesByKind: Readonly<Record<string, ts.TypeNode | undefined>> = {
  wei: bigintType,
  'wei-input': factory.createUnionTypeNode([bigintType, numberType, stringType]),
  integer: numberType,
  'number-text': numberType,
  timestamp: numberType,
  mbits: numberType,
  ports: factory.createArrayTypeNode(numberType),
  envs: factory.createTypeReferenceNode('Record', [stringType, stringType]),
  log: stringType,
  config: undefined,
  any: undefined,
};

/** The type of a schema if decoding changes it; undefined to use the type of openapi-typescript. */
export function typeOfKind(schema: SchemaObject): ts.TypeNode | undefined {
  const kind: unknown = Reflect.get(schema, 'x-octa-kind');
  if (typeof kind === 'string') {
    if (!Object.hasOwn(typesByKind, kind)) throw new Error(`unknown x-octa-kind: ${kind}`);
    return typesByKind[kind];
  }
  return schema.format === 'binary' ? factory.createTypeReferenceNode('Blob') : undefined;
}
