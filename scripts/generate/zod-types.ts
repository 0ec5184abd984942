/**
 * Writes explicit types of the schemas in generated/zod.ts. The inferred types would repeat every model within every other one, which
 * makes declarations long and hovers unreadable.
 */
import ts from 'typescript';
import type { Spec } from './spec.ts';
import { union, widerModel } from './wider.ts';

/** Names for the most frequent types, which editors show. */
export const typeNames = `// Objects may have unknown fields, and keep them.
type Loose<Shape extends z.core.$ZodShape> = z.ZodMiniObject<Shape, z.core.$loose>;
type Maybe<Schema extends z.core.SomeType> = z.ZodMiniOptional<Schema>;
type Text = z.ZodMiniString<string>;
type Num = z.ZodMiniNumber<number>;
type Int = z.ZodMiniInt;
type Bool = z.ZodMiniBoolean<boolean>;
type Big = z.ZodMiniBigInt<bigint>;
`;

const plainTypes: Readonly<Record<string, string>> = {
  string: 'Text',
  number: 'Num',
  int: 'Int',
  boolean: 'Bool',
  bigint: 'Big',
  unknown: 'z.ZodMiniUnknown',
};

function shapeOf(expression: ts.Expression | undefined): string {
  if (expression === undefined || !ts.isObjectLiteralExpression(expression)) throw new Error('an object has fields');
  const fields = expression.properties.map((field) => {
    if (!ts.isPropertyAssignment(field)) throw new Error('a field has a schema');
    return `  ${field.name.getText()}: ${typeOf(field.initializer)};\n`;
  });
  return `{\n${fields.join('')}}`;
}

function itemsOf(expression: ts.Expression | undefined): readonly ts.Expression[] {
  if (expression === undefined || !ts.isArrayLiteralExpression(expression)) throw new Error('a list is needed');
  return expression.elements;
}

/** The type of a schema, as text. */
function typeOf(expression: ts.Expression): string {
  if (ts.isIdentifier(expression)) return `typeof ${expression.text}`;
  if (!ts.isCallExpression(expression) || !ts.isPropertyAccessExpression(expression.expression)) {
    throw new Error(`no schema: ${expression.getText()}`);
  }
  const { name, expression: callee } = expression.expression;
  // The type does not include checks.
  if (name.text === 'check') return typeOf(callee);
  const [first, second] = expression.arguments;
  const inner = (argument: ts.Expression | undefined) => (argument === undefined ? 'never' : typeOf(argument));
  switch (name.text) {
    case 'looseObject':
      return `Loose<${shapeOf(first)}>`;
    case 'optional':
      return `Maybe<${inner(first)}>`;
    case 'array':
      return `z.ZodMiniArray<${inner(first)}>`;
    case 'record':
      return `z.ZodMiniRecord<${inner(first)}, ${inner(second)}>`;
    case 'union':
      return `z.ZodMiniUnion<readonly [${itemsOf(first).map(typeOf).join(', ')}]>`;
    case 'enum': {
      const words = itemsOf(first).map((word) => word.getText());
      return `z.ZodMiniEnum<{ ${words.map((word) => `${word}: ${word}`).join('; ')} }>`;
    }
    default: {
      const plain = plainTypes[name.text];
      if (plain === undefined) throw new Error(`no type for z.${name.text}()`);
      return plain;
    }
  }
}

/** The source with the type of each exported schema written out. */
export function withTypes(source: string, spec: Spec): string {
  const file = ts.createSourceFile('zod.ts', source, ts.ScriptTarget.Latest, true);
  const typeOfSchema = (name: string, schema: ts.Expression): string => {
    const wider = widerModel(name.replace(/Schema$/, ''), spec);
    return wider === undefined
      ? typeOf(schema)
      : `Loose<Omit<(typeof ${wider.model}Schema)['shape'], ${union(wider.more)}>>`;
  };
  const inserts = file.statements.filter(ts.isVariableStatement).flatMap(({ declarationList }) =>
    declarationList.declarations.map(({ name, initializer }): [at: number, type: string] => {
      if (initializer === undefined) throw new Error(`${name.getText()} is nothing`);
      return [name.end, `: ${typeOfSchema(name.getText(), initializer)}`];
    }),
  );
  // From the end, so that earlier positions do not change.
  return inserts.reverse().reduce((text, [at, type]) => text.slice(0, at) + type + text.slice(at), source);
}
