/** Every optional option also accepts undefined, under `exactOptionalPropertyTypes`. */
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const entries = ['index.ts', 'node/index.ts', 'otel/index.ts', 'query/index.ts', 'testing/index.ts', 'zod/index.ts'];

const config = ts.readConfigFile(`${root}tsconfig.node.json`, ts.sys.readFile);
const { fileNames, options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
const program = ts.createProgram(fileNames, options);
const checker = program.getTypeChecker();

/** What is no option: data of the API and of ledgers, and what callers implement or subclasses pass on. */
const others =
  /^(Clock|LeaseRecord|HeartbeatRecord|App|AppExtra|ServiceInfo|SshAccess|CallArguments|Row<|StartRow|StartInit|__type)/;
const internal = /^(call|callFor|attempt|begin|startArguments|orderBy|rentBy|rentManyBy)$/;

/** Filters that would select everything if they were undefined. */
const refused = ['StopAllOptions.service', 'StopAllOptions.node_id', 'StopAllOptions.olderThanMs'];

function isOurs(node: ts.Node): boolean {
  return !node.getSourceFile().fileName.includes('node_modules');
}

function takesUndefined(type: ts.Type): boolean {
  if (type.isUnion()) return type.types.some(takesUndefined);
  return (type.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0;
}

/** The type as it is written, without what a question mark adds. */
function writtenType(property: ts.Symbol): ts.Type {
  const [declaration] = property.declarations ?? [];
  return declaration !== undefined && ts.isPropertySignature(declaration) && declaration.type !== undefined
    ? checker.getTypeFromTypeNode(declaration.type)
    : checker.getTypeOfSymbol(property);
}

class Search {
  readonly found = new Set<string>();
  readonly #seen = new Set<ts.Type>();

  /** Looks at a type that a caller passes, and at those within it. */
  look(type: ts.Type): void {
    if (this.#seen.has(type)) return;
    this.#seen.add(type);
    if (type.isUnionOrIntersection()) for (const each of type.types) this.look(each);
    if (type.isUnion() || type.getCallSignatures().length > 0) return;
    const [declaration] = type.symbol?.declarations ?? [];
    if (declaration === undefined || !isOurs(declaration) || others.test(checker.typeToString(type))) return;
    for (const property of type.getProperties()) this.#property(type, property);
  }

  #property(type: ts.Type, property: ts.Symbol): void {
    const [declaration] = property.declarations ?? [];
    if (declaration === undefined || !isOurs(declaration)) return;
    const isOptional = (property.flags & ts.SymbolFlags.Optional) !== 0;
    if (isOptional && !takesUndefined(writtenType(property))) {
      this.found.add(`${checker.typeToString(type)}.${property.name}`);
    }
    this.look(checker.getTypeOfSymbol(property));
  }
}

function isInternal(signature: ts.Signature): boolean {
  return signature.getJsDocTags().some(({ name }) => name === 'internal');
}

function isPrivate(declaration: ts.Declaration | undefined): boolean {
  const name = declaration === undefined ? undefined : ts.getNameOfDeclaration(declaration);
  return name !== undefined && ts.isPrivateIdentifier(name);
}

/** Signatures that an export offers: its own, and those of its methods. */
function signaturesOf(symbol: ts.Symbol): readonly ts.Signature[] {
  const signatures: ts.Signature[] = [];
  if (symbol.valueDeclaration !== undefined) {
    const type = checker.getTypeOfSymbol(symbol);
    // Errors are not made by hand.
    const made = symbol.name.endsWith('Error') ? [] : type.getConstructSignatures();
    signatures.push(...type.getCallSignatures(), ...made.filter((each) => !isInternal(each)));
  }
  if ((symbol.flags & ts.SymbolFlags.Class) === 0) return signatures;
  const methods = checker
    .getDeclaredTypeOfSymbol(symbol)
    .getProperties()
    .filter(({ name, valueDeclaration }) => !internal.test(name) && !isPrivate(valueDeclaration));
  return [...signatures, ...methods.flatMap((method) => checker.getTypeOfSymbol(method).getCallSignatures())];
}

function exportsOf(entry: string): readonly ts.Symbol[] {
  const source = program.getSourceFile(`${root}src/${entry}`);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  const symbols = module === undefined ? [] : checker.getExportsOfModule(module);
  return symbols.map((each) => (each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each));
}

test('Every option takes undefined, except for filters that select what is stopped.', () => {
  const search = new Search();
  const signatures = entries.flatMap(exportsOf).flatMap(signaturesOf);
  expect(signatures.length).toBeGreaterThan(100);
  for (const signature of signatures) {
    for (const parameter of signature.getParameters()) search.look(checker.getTypeOfSymbol(parameter));
  }
  expect([...search.found].sort()).toEqual(refused.sort());
});
