/** Creates the reference of the package as Markdown with TypeDoc. Any warning of TypeDoc fails the build. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application, type Context, Converter, type ProjectReflection } from 'typedoc';
import type { PluginOptions } from 'typedoc-plugin-markdown';
import { root } from '../package/run.ts';
import { arrange, undocumentedLiterals } from './arrange.ts';
import { notDocumented, notExported } from './exceptions.ts';
import { pagesFolder } from './places.ts';

/** Entry points of the package, and their source files. */
function entryPointsOf(): ReadonlyMap<string, string> {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const paths = Object.keys(exports).filter((path) => !path.endsWith('.json'));
  return new Map(paths.map((path) => [join(name, path), join(root, 'src', path, 'index.ts')]));
}

/** Options for the layout of pages. */
const layout: PluginOptions = {
  entryFileName: 'index',
  outputFileStrategy: 'members',
  membersWithOwnFile: ['Class', 'Interface', 'Function'],
  excludeScopesInPaths: true,
  hidePageHeader: true,
  mergeReadme: true,
  useCodeBlocks: true,
  useHTMLEncodedBrackets: true,
  sanitizeComments: true,
  parametersFormat: 'table',
  indexFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  pageTitleTemplates: { index: () => 'Reference', module: ({ name }) => name, member: ({ name }) => name },
};

function optionsFor(entryPoints: readonly string[]) {
  return {
    ...layout,
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: [...entryPoints],
    tsconfig: join(root, 'tsconfig.node.json'),
    basePath: root,
    outputs: [{ name: 'markdown', path: join(pagesFolder, 'reference') }],
    name: 'Reference',
    readme: 'none',
    // npm run check:types finds type errors.
    skipErrorChecking: true,
    excludeInternal: true,
    excludeProtected: true,
    excludePrivate: true,
    disableSources: true,
    sort: ['source-order'] as const,
    kindSortOrder: ['Module', 'Class', 'Function', 'Variable', 'Interface', 'TypeAlias'] as const,
    treatWarningsAsErrors: true,
    validation: { notExported: true, invalidLink: true, notDocumented: true },
    intentionallyNotExported: [...notExported],
    logLevel: 'Warn' as const,
  };
}

async function convert(app: Application, names: ReadonlyMap<string, string>): Promise<ProjectReflection> {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => arrange(project, names));
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc could not read the sources');
  return project;
}

/** Writes the pages, and returns the output of TypeDoc. Throws if anything is undocumented or a link is broken. */
export async function writeReference(): Promise<ProjectReflection> {
  const entryPoints = entryPointsOf();
  const app = await Application.bootstrapWithPlugins(optionsFor([...entryPoints.values()]) as never);
  const project = await convert(app, new Map([...entryPoints].map(([name, file]) => [file, name])));
  app.options.setValue('intentionallyNotDocumented', [...notDocumented, ...undocumentedLiterals(project)]);
  app.validate(project);
  await app.generateOutputs(project);
  const { errorCount, warningCount } = app.logger;
  if (errorCount + warningCount > 0) throw new Error(`TypeDoc has ${errorCount} errors and ${warningCount} warnings`);
  return project;
}
