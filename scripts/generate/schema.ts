/**
 * Creates generated/schema.ts and generated/models.ts from the output of openapi-typescript. Every model becomes an interface, and the
 * parts that repeat in each operation become common types, so that editors show names and declarations are short.
 */
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { isModel, nameOf, operationsOf, type Schema, type Spec } from './spec.ts';
import { typeOfKind } from './types.ts';
import { union, widerModel } from './wider.ts';

const { factory } = ts;

/** Types that many operations share. */
const commonTypes = `/** No parameters at all. */
export interface NoParameters {
  query?: never;
  header?: never;
  path?: never;
  cookie?: never;
}

/** A response with a body. Unit of \`Retry-After\`: seconds. */
export interface Answer<Body, MediaType extends string = 'application/json'> {
  headers: { 'X-Request-Id'?: string; 'Retry-After'?: number; [name: string]: unknown };
  content: { [Type in MediaType]: Body };
}
`;

type Components = ReadonlyMap<string, ReadonlyMap<string, ts.TypeNode>>;

function membersOf(node: ts.TypeNode | ts.InterfaceDeclaration | undefined): ts.PropertySignature[] {
  const members = node !== undefined && 'members' in node ? [...node.members] : [];
  return members.filter(ts.isPropertySignature);
}

function textOf(node: ts.Node): string {
  return 'text' in node ? String(node.text) : '';
}

function member(node: ts.TypeNode | ts.InterfaceDeclaration | undefined, name: string): ts.TypeNode | undefined {
  return membersOf(node).find((each) => textOf(each.name) === name)?.type;
}

function interfaceOf(nodes: readonly ts.Node[], name: string): ts.InterfaceDeclaration {
  const found = nodes.filter(ts.isInterfaceDeclaration).find((node) => node.name.text === name);
  if (found === undefined) throw new Error(`openapi-typescript made no interface ${name}`);
  return found;
}

function componentsIn(nodes: readonly ts.Node[]): Components {
  const groups = membersOf(interfaceOf(nodes, 'components'));
  return new Map(
    groups.map(({ name, type }) => [
      textOf(name),
      new Map(membersOf(type).flatMap((each) => (each.type === undefined ? [] : [[textOf(each.name), each.type]]))),
    ]),
  );
}

/** `components["schemas"]["Node"]` as its two names. */
function componentNamed(node: ts.Node): readonly [group: string, name: string] | undefined {
  if (!ts.isIndexedAccessTypeNode(node) || !ts.isIndexedAccessTypeNode(node.objectType)) return undefined;
  const literal = ({ indexType }: ts.IndexedAccessTypeNode) =>
    ts.isLiteralTypeNode(indexType) ? textOf(indexType.literal) : '';
  const [group, name] = [literal(node.objectType), literal(node)];
  return group === '' || name === '' ? undefined : [group, name];
}

function isNever(type: ts.TypeNode | undefined): boolean {
  return type?.kind === ts.SyntaxKind.NeverKeyword;
}

/** A response as a reference to the common type; undefined for anything else. */
function answerOf(node: ts.Node): ts.TypeNode | undefined {
  if (!ts.isTypeLiteralNode(node)) return undefined;
  const [headers, content] = [member(node, 'headers'), member(node, 'content')];
  if (headers === undefined || content === undefined || membersOf(node).length !== 2) return undefined;
  const [media, second] = membersOf(content);
  if (media?.type === undefined || second !== undefined) throw new Error('a response must have one media type');
  const type = textOf(media.name);
  const literal = factory.createLiteralTypeNode(factory.createStringLiteral(type));
  return factory.createTypeReferenceNode('Answer', [media.type, ...(type === 'application/json' ? [] : [literal])]);
}

/** Whether this is an empty set of parameters. */
function isWithoutParameters(node: ts.Node): boolean {
  const members = ts.isTypeLiteralNode(node) ? membersOf(node) : [];
  const names = members.map(({ name }) => textOf(name)).join();
  return names === 'query,header,path,cookie' && members.every(({ type }) => isNever(type));
}

/** Rewrites types: models and common types by name, everything else inline. */
function rewriter(components: Components, models: ReadonlySet<string>): <Node extends ts.Node>(node: Node) => Node {
  const visit = (node: ts.Node): ts.Node => {
    const named = componentNamed(node);
    if (named !== undefined) {
      const [group, name] = named;
      if (group === 'schemas' && models.has(name)) return factory.createTypeReferenceNode(name);
      const target = components.get(group)?.get(name);
      if (target === undefined) throw new Error(`there is no ${group} ${name}`);
      return visit(target);
    }
    if (isWithoutParameters(node)) return factory.createTypeReferenceNode('NoParameters');
    if (
      ts.isPropertySignature(node) &&
      textOf(node.name) === 'query' &&
      node.type !== undefined &&
      !isNever(node.type)
    ) {
      const type = withUndefined(node.type) as ts.TypeNode;
      return factory.updatePropertySignature(node, node.modifiers, node.name, node.questionToken, type);
    }
    const answer = answerOf(node);
    return ts.visitEachChild(answer ?? node, visit, undefined);
  };
  return <Node extends ts.Node>(node: Node) => visit(node) as Node;
}

/** Operations whose response has no data, by their extension: their result is undefined, whatever the body contains. */
function withNothing<Node extends ts.Node>(node: Node, silent: ReadonlySet<string>): Node {
  const nothing = factory.createKeywordTypeNode(ts.SyntaxKind.UndefinedKeyword);
  const emptied = (each: ts.Node): ts.Node =>
    ts.isTypeReferenceNode(each) && textOf(each.typeName) === 'Answer'
      ? factory.createTypeReferenceNode('Answer', [nothing])
      : ts.visitEachChild(each, emptied, undefined);
  const visit = (member: ts.Node): ts.Node =>
    ts.isPropertySignature(member) && silent.has(textOf(member.name))
      ? ts.visitEachChild(member, emptied, undefined)
      : member;
  return ts.visitEachChild(node, visit, undefined);
}

/** Optional fields of a request may also be undefined, like options of methods. */
function withUndefined(node: ts.Node): ts.Node {
  const loose = (member: ts.Node): ts.Node => {
    if (!ts.isPropertySignature(member) || member.questionToken === undefined || member.type === undefined)
      return member;
    // `unknown` already includes undefined.
    if (member.type.kind === ts.SyntaxKind.UnknownKeyword) return member;
    const nothing = factory.createKeywordTypeNode(ts.SyntaxKind.UndefinedKeyword);
    const type = factory.createUnionTypeNode([member.type, nothing]);
    return factory.updatePropertySignature(member, member.modifiers, member.name, member.questionToken, type);
  };
  return ts.visitEachChild(node, loose, undefined);
}

/** Whether a member is an error response of an operation. */
function isRefusal(name: string): boolean {
  return /^[45]\d\d$/.test(name);
}

/** Whether a member of a path is an operation; others are methods that do not exist, and parameters, which every operation repeats. */
function isOperation({ type }: ts.PropertySignature): boolean {
  return (
    type !== undefined &&
    ts.isIndexedAccessTypeNode(type) &&
    textOf(Object(type.objectType).typeName ?? type) === 'operations'
  );
}

function mayGo({ name, type }: ts.PropertySignature): boolean {
  // Empty kinds of parameters must be explicit: without them, the compiler accepts any parameter.
  const isParameter = ['query', 'header', 'path', 'cookie'].includes(textOf(name));
  return isRefusal(textOf(name)) || (isNever(type) && !isParameter);
}

/**
 * Leaves out members that only say that something does not exist (another method of a path, a body), and error responses, which all have
 * the same body.
 */
function withoutRepetition<Node extends ts.Node>(node: Node): Node {
  const visit = (each: ts.Node): ts.Node => {
    const visited = ts.visitEachChild(each, visit, undefined);
    const isPath = membersOf(ts.isTypeLiteralNode(visited) ? visited : undefined).some(isOperation);
    const keep = (one: ts.TypeElement) => !ts.isPropertySignature(one) || (isPath ? isOperation(one) : !mayGo(one));
    if (ts.isTypeLiteralNode(visited)) return factory.createTypeLiteralNode(visited.members.filter(keep));
    return visited;
  };
  return visit(node) as Node;
}

/** The text of a type. Paths and operations have no comments, because the methods of the SDK have them. */
function printed(node: ts.Node, comments: boolean): string {
  const text = astToString([node as ts.TypeNode])
    // Editors indent the text of a tag under its name; plain text is easier to read.
    .replaceAll('@description ', '')
    .replace(/^ *\* Format: .*\n/gm, '');
  return comments ? text : text.replace(/^ *\/\*\*[\s\S]*?\*\/\n/gm, '');
}

function docOf({ description }: Schema): string {
  return description === undefined ? '' : `/** ${description.replaceAll('*/', '*\\/').trim()} */\n`;
}

/** An object type with only these members. */
function only(type: ts.TypeNode, names: readonly string[]): ts.TypeNode {
  return factory.createTypeLiteralNode(membersOf(type).filter((member) => names.includes(textOf(member.name))));
}

/** Models of request bodies. */
function bodiesOf(spec: Spec): ReadonlySet<string> {
  const schemas = operationsOf(spec).map(
    ({ operation }) => operation.requestBody?.content?.['application/json']?.schema,
  );
  const references = schemas.flatMap((schema) => [schema?.$ref, schema?.items?.$ref]);
  return new Set(references.flatMap((reference) => (reference === undefined ? [] : [nameOf(reference)])));
}

/** The public declaration of a schema. A model is an interface, so that editors show its name and not its fields. */
function declarationOf(name: string, type: ts.TypeNode, spec: Spec): string {
  const schema = spec.components.schemas[name] ?? {};
  const start = `${docOf(schema)}export`;
  if (!isModel(schema)) return `${start} type ${name} = ${printed(type, true).trim()};\n`;
  const wider = widerModel(name, spec);
  if (wider === undefined) return `${start} interface ${name} ${printed(type, true).trim()}\n`;
  return `${start} interface ${name} extends Omit<${wider.model}, ${union(wider.more)}> ${printed(only(type, wider.reworded), true).trim()}\n`;
}

/** Types of the spec: the source of schema.ts, and that of models.ts. */
export async function typeSources(spec: Spec): Promise<{ readonly schema: string; readonly models: string }> {
  const nodes = await openapiTS(JSON.stringify(spec), { transform: typeOfKind });
  const components = componentsIn(nodes);
  const schemas = Object.entries(spec.components.schemas).filter(([, each]) => each['x-octa-kind'] === undefined);
  const named = schemas.sort(([left], [right]) => (left < right ? -1 : 1));
  const rewrite = rewriter(components, new Set(named.map(([name]) => name)));
  const bodies = bodiesOf(spec);
  const declarations = named.map(([name]) => {
    const type = components.get('schemas')?.get(name);
    if (type === undefined) throw new Error(`openapi-typescript made no type of ${name}`);
    const rewritten = rewrite(type);
    return declarationOf(name, bodies.has(name) ? (withUndefined(rewritten) as ts.TypeNode) : rewritten, spec);
  });
  const silent = operationsOf(spec).filter(({ operation }) => operation['x-octa-answer'] === 'none');
  const names = new Set(silent.map(({ operation }) => operation.operationId));
  const contract = ['paths', 'operations'].map((name) =>
    printed(withNothing(withoutRepetition(rewrite(interfaceOf(nodes, name))), names), false),
  );
  const listed = named.map(([name]) => `    ${name}: ${name};\n`).join('');
  const schema = `import type {\n${named.map(([name]) => `  ${name},\n`).join('')}} from './models.ts';

${commonTypes}
${contract.join('\n')}
/** The models by name. */
export interface Models {\n${listed}}
`;
  return { schema, models: declarations.join('\n') };
}
