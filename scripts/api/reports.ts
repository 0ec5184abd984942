/** Creates a report of the exports of each entry point with API Extractor, from the built declarations of a package. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Extractor, ExtractorConfig, type ExtractorMessage, type IConfigFile } from '@microsoft/api-extractor';

/** One entry point of the package. */
interface Entry {
  /** Its name in an import. */
  readonly specifier: string;
  /** Name of its report. */
  readonly name: string;
  /** Its declarations, from the folder of the package. */
  readonly types: string;
}

/** The first declarations of an export. An export without any, such as the manifest, has no report. */
function typesOf(target: unknown): string | undefined {
  if (typeof target !== 'object' || target === null) return undefined;
  for (const [condition, value] of Object.entries(target)) {
    const found = condition === 'types' && typeof value === 'string' ? value : typesOf(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

function entriesOf(folder: string): Entry[] {
  const { name, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return Object.entries(exports).flatMap(([path, target]) => {
    const types = typesOf(target);
    const report = path === '.' ? 'index' : path.slice('./'.length).replaceAll('/', '-');
    return types === undefined ? [] : [{ specifier: join(name, path), name: report, types }];
  });
}

const compilerOptions = {
  target: 'es2022',
  module: 'nodenext',
  moduleResolution: 'nodenext',
  lib: ['es2022', 'dom', 'dom.iterable', 'dom.asynciterable', 'esnext.disposable'],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
};

function configOf(folder: string, types: string, output: string): IConfigFile {
  const nothing = { default: { logLevel: 'none' } };
  return {
    projectFolder: folder,
    mainEntryPointFilePath: join(folder, types),
    bundledPackages: [],
    newlineKind: 'lf',
    compiler: { overrideTsconfig: { compilerOptions, files: [join(folder, types)] } },
    apiReport: {
      enabled: true,
      reportFileName: 'report.api.md',
      reportFolder: output,
      reportTempFolder: join(output, 'temp'),
      // Users see the members of types that an export refers to.
      includeForgottenExports: true,
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    // We do not use release tags and TSDoc, so messages about them are noise.
    messages: { extractorMessageReporting: nothing, tsdocMessageReporting: nothing },
  } as IConfigFile;
}

/** Comments by API Extractor. Without them, a report changes only if the types change. */
const remark =
  /^ *\/\/ (?:@public.*|\(undocumented\)|\(No @packageDocumentation .*)\n|(?<=\S )\/\/ \(undocumented\)\n *|(?<=@\w+) \(undocumented\)$/gm;

function textOf({ specifier }: Entry, report: string): string {
  const [, code = ''] = /^```ts\n(.*)\n```$/ms.exec(report) ?? [];
  const types = code
    .replace(remark, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return [
    `# What \`${specifier}\` exports`,
    'Written by `npm run api` from the built declarations, and not edited. A declaration without `export` is not exported, but an\nexported one refers to it. Users see every change of this file, so a change needs a changeset.',
    `\`\`\`ts\n${types}\n\`\`\`\n`,
  ].join('\n\n');
}

function reportOn(folder: string, entry: Entry): string {
  const output = mkdtempSync(join(tmpdir(), 'octaspace-api-'));
  try {
    mkdirSync(join(output, 'temp'));
    const report = join(output, 'report.api.md');
    // API Extractor would report a missing report as new.
    writeFileSync(report, '');
    const extractorConfig = ExtractorConfig.prepare({
      configObject: configOf(folder, entry.types, output),
      configObjectFullPath: undefined,
      packageJsonFullPath: join(folder, 'package.json'),
    });
    const complaints: string[] = [];
    const messageCallback = (message: ExtractorMessage) => {
      if (message.logLevel === 'error' || message.category === 'Compiler') complaints.push(message.text);
      message.handled = true;
    };
    const { errorCount } = Extractor.invoke(extractorConfig, { localBuild: true, messageCallback });
    if (errorCount > 0 || complaints.length > 0) throw new Error(complaints.join('\n'));
    return textOf(entry, readFileSync(report, 'utf8'));
  } catch (cause) {
    // If the declarations do not compile, API Extractor reports a bug of its own.
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`cannot create a report of ${entry.types}: ${reason}`, { cause });
  } finally {
    rmSync(output, { recursive: true });
  }
}

/** Copies the declarations of a package, indented with spaces, because API Extractor does not handle tabs correctly. */
function copyDeclarations(folder: string, copy: string): void {
  const names = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' });
  const declarations = names.filter((name) => /\.d\.[cm]?ts$/.test(name)).map((name) => join('dist', name));
  for (const name of ['package.json', ...declarations]) {
    const text = readFileSync(join(folder, name), 'utf8');
    mkdirSync(dirname(join(copy, name)), { recursive: true });
    writeFileSync(
      join(copy, name),
      text.replace(/^\t+/gm, (tabs) => '    '.repeat(tabs.length)),
    );
  }
}

/**
 * Prepares a package for its reports. If an entry point imports from the package by its name, for example the client, that type is in the
 * report of the other entry point. So it is resolved in another package.
 */
function prepare(folder: string, place: string): string {
  const copy = join(place, 'package');
  const { name, ...manifest } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  for (const each of [copy, join(copy, 'node_modules', name)]) copyDeclarations(folder, each);
  writeFileSync(join(copy, 'package.json'), JSON.stringify({ ...manifest, name: 'reported' }));
  const modules = join(folder, 'node_modules');
  if (existsSync(modules)) symlinkSync(modules, join(place, 'node_modules'));
  return copy;
}

/** The reports of the package that is built in this folder, by file name. */
export function reportsOf(folder: string): Map<string, string> {
  const place = mkdtempSync(join(tmpdir(), 'octaspace-api-'));
  try {
    const copy = prepare(folder, place);
    return new Map(entriesOf(folder).map((entry) => [`${entry.name}.api.md`, reportOn(copy, entry)]));
  } finally {
    rmSync(place, { recursive: true });
  }
}
