/** Names of the vendor's JavaScript packages: those of its SDK are here, and docs/migration.md says what became of all others. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { type Block, texts } from '../support/pages.ts';
import { complaintsUnderStrict } from '../support/snippet-compiler.ts';

const migration = texts.get('docs/migration.md') ?? '';

/** What a declaration file exports. */
function exportsOf(file: string): string[] {
  const path = fileURLToPath(new URL(`../support/vendor/${file}`, import.meta.url));
  const { statements } = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022);
  return statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause } = statement;
      return exportClause && ts.isNamedExports(exportClause) ? exportClause.elements.map(({ name }) => name.text) : [];
    }
    const isExported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (!isExported) return [];
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
    }
    const { name } = statement as ts.Statement & { readonly name?: ts.Identifier };
    return name === undefined ? [] : [name.text];
  });
}

function program(code: string): Block {
  return { page: 'program', line: 1, language: 'ts', role: '', code };
}

/** Models whose fields are of other types here than in the SDK of the vendor, apart from those that may be absent. */
const differentFields: Readonly<Record<string, readonly string[]>> = {
  Account: ['balance'],
  Balance: ['balance'],
  BlockchainInfo: ['era'],
  NetworkStats: ['blockchain'],
  Node: ['prices'],
  NodePrices: ['base', 'storage', 'traffic'],
  RequestContext: ['method'],
  ResponseContext: ['request'],
  ServiceInfo: ['charge_amount', 'service'],
  Session: ['charge_amount', 'config', 'service'],
};

/** Words, resources, and what is given to methods, which is compared the other way round. */
const noModels = ['OctaClient', 'SessionResource', 'ServiceKind', 'VpnProtocol', 'VpnSubkind'];
const given = [
  'ListSessionsOptions',
  'RequestOverrides',
  'StartMrOptions',
  'StartRenderOptions',
  'StartVpnOptions',
  'UpdateNodePricesOptions',
];

const comparing = `import type * as ours from '@octaspace/sdk';
import type * as theirs from './test/support/vendor/sdk.d.ts';
type Whole<T> = T extends (...given: never[]) => unknown ? T
  : T extends readonly (infer Item)[] ? Whole<Item>[]
  : T extends object ? { [Name in keyof T]-?: Whole<NonNullable<T[Name]>> } : T;
type Different<Ours, Theirs> = {
  [Name in keyof Theirs]-?: Name extends keyof Ours ? (Ours[Name] extends Theirs[Name] ? never : Name) : Name;
}[keyof Theirs];
type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;
`;

/** The rows of the table after a heading whose cells are both code. */
function rowsAfter(heading: string): [before: string, after: string][] {
  const [, section = ''] = migration.split(`\n### ${heading}\n`);
  const [part = ''] = section.split('\n##');
  return [...part.matchAll(/^\| `([a-z]\w*(?:\.\w+)?\([^`]*\))` \| `([^`]+)`/gm)].map(
    ({ 1: before = '', 2: after = '' }) => [before, after],
  );
}

test('Every name that the SDK of the vendor exports is exported here.', () => {
  const names = exportsOf('sdk.d.ts');
  expect(names.length).toBeGreaterThan(50);
  expect(names).toContain('RequestOverrides');
  const code = `import type { ${names.join(', ')} } from '@octaspace/sdk';\nexport type { ${names.join(', ')} };\n`;
  expect(complaintsUnderStrict('ours', [program(code)])).toEqual([]);
});

test('Every field of every model is here, and of the same type, apart from those of the table.', () => {
  const models = exportsOf('sdk.d.ts').filter(
    (name) => !/^Octa|Options$|Overrides$/.test(name) && !noModels.includes(name),
  );
  expect(models).toEqual(expect.arrayContaining(Object.keys(differentFields)));
  const programs = models.map((name) => {
    const fields = (differentFields[name] ?? []).map((field) => `'${field}'`).join(' | ') || 'never';
    const different = `Different<Whole<ours.${name}>, Whole<theirs.${name}>>`;
    return { ...program(`${comparing}export const same: Same<${different}, ${fields}> = true;\n`), page: name };
  });
  expect(complaintsUnderStrict('ours', programs)).toEqual([]);
});

test("All arguments of the vendor's methods are accepted, except a protocol of a relay without V2Ray.", () => {
  const programs = given.map((name) => {
    const taken = name === 'StartVpnOptions' ? `Omit<theirs.${name}, 'protocol' | 'subkind'>` : `theirs.${name}`;
    const code = `${comparing}export const taken: ${taken} extends ours.${name} ? true : false = true;\n`;
    return { ...program(code), page: name };
  });
  expect(complaintsUnderStrict('ours', programs)).toEqual([]);
});

describe.each([
  ['query.d.ts', 'From sdk-query', 'octaspace/sdk-query'],
  ['react.d.ts', 'From sdk-react', 'octaspace/sdk-react'],
])('docs/migration.md about %s', (file, heading, name) => {
  test('mentions every name.', () => {
    const names = exportsOf(file);
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((each) => !new RegExp(`\\b${each}\\b`).test(migration))).toEqual([]);
  });

  test('has rows whose cells compile, each for its package.', () => {
    const rows = rowsAfter(heading);
    expect(rows.length).toBeGreaterThan(12);
    const names = exportsOf(file).filter((each) => /^[a-z]/.test(each));
    const before = `import { ${names.join(', ')} } from '@${name}';\ndeclare const uuid: string;\n${rows.map(([cell]) => `${cell};`).join('\n')}\nconsole.log(client, ${names.join(', ')});\n`;
    const after = `import { octaQueries } from '@octaspace/sdk/query';\nimport { useQuery } from '@tanstack/react-query';\ndeclare const uuid: string;\nconst queries = octaQueries(client);\n${rows.map(([, cell]) => `void ${cell};`).join('\n')}\nconsole.log(useQuery);\n`;
    expect(complaintsUnderStrict('vendors', [program(before)])).toEqual([]);
    expect(complaintsUnderStrict('ours', [program(after)])).toEqual([]);
  });
});

test('docs/migration.md explains the names of the other SDKs that do not exist here.', () => {
  const names = ['ProvisionRejectedError', 'PayloadHelpers', 'ListRaw', 'InfoRaw', 'toJson', 'termination_reason'];
  expect(names.filter((name) => !migration.includes(`\`${name}`))).toEqual([]);
});
