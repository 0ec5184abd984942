/** Guides and the reference of the package, as one searchable site by TypeDoc. Whatever TypeDoc complains about fails the build. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application, type Context, Converter, JSX, type ProjectReflection, type TypeDocOptions } from 'typedoc';
import { arrange, nameDocument, undocumentedLiterals } from './arrange.ts';
import { notDocumented, notExported } from './exceptions.ts';

/** Where everything is. */
export interface Places {
  readonly root: string;
  readonly site: string;
  /** The page of changes. */
  readonly changelog: string;
  /** The page of the HTTP API, from the root of the site. */
  readonly httpPage: string;
}

/** What applications import, and the source of it. */
function entryPointsOf(root: string): ReadonlyMap<string, string> {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const paths = Object.keys(exports).filter((path) => !path.endsWith('.json'));
  return new Map(paths.map((path) => [join(name, path), join(root, 'src', path, 'index.ts')]));
}

/** The guides, in the order of their index. */
function guidesIn(root: string): string[] {
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8');
  const linked = [...index.matchAll(/\]\(([\w-]+\.md)\)/g)].map(({ 1: name = '' }) => join(root, 'docs', name));
  return [join(root, 'docs/README.md'), ...new Set(linked)];
}

function optionsFor({ root, site, changelog }: Places, entryPoints: readonly string[]): TypeDocOptions {
  return {
    entryPoints: [...entryPoints],
    tsconfig: join(root, 'tsconfig.node.json'),
    basePath: root,
    out: site,
    name: 'OctaSpace SDK for TypeScript',
    readme: join(root, 'README.md'),
    projectDocuments: [...guidesIn(root), join(root, 'CONTRIBUTING.md'), join(root, 'docs/style.md'), changelog],
    excludeInternal: true,
    excludeProtected: true,
    excludePrivate: true,
    disableSources: true,
    // Its page lacks types whose parents are not exported, which others link to all the same.
    includeHierarchySummary: false,
    customCss: join(root, 'scripts/docs/site.css'),
    githubPages: false,
    sort: ['source-order'],
    kindSortOrder: ['Document', 'Module', 'Class', 'Function', 'Variable', 'Interface', 'TypeAlias'],
    navigation: { includeCategories: false, includeGroups: true, includeFolders: false },
    highlightLanguages: ['typescript', 'tsx', 'javascript', 'svelte', 'json', 'shellscript', 'text', 'yaml'],
    treatWarningsAsErrors: true,
    validation: { notExported: true, invalidLink: true, notDocumented: true },
    intentionallyNotExported: [...notExported],
  };
}

/** What stands above the menu of every page: TypeDoc's own links cannot be relative. */
function linksTo(httpPage: string) {
  return ({ relativeURL }: { readonly relativeURL: (url: string) => string | undefined }): JSX.Element => {
    const link = (url: string, text: string) => JSX.createElement('a', { href: relativeURL(url) ?? url }, text);
    const style = 'display: flex; flex-wrap: wrap; gap: 0 1em; margin-bottom: 1em';
    const links = [
      link('index.html', 'Start'),
      link('documents/Guides.html', 'Guides'),
      link('modules.html', 'Reference'),
      link(httpPage, 'HTTP API'),
      link('documents/Changelog.html', 'Changelog'),
    ];
    return JSX.createElement('div', { style }, links);
  };
}

async function convert(app: Application, names: ReadonlyMap<string, string>): Promise<ProjectReflection> {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => nameDocument(document));
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }: Context) => arrange(project, names));
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc could not read the sources');
  return project;
}

/** Writes the site. Throws when anything is undocumented, or a link leads nowhere. */
export async function writeReference(places: Places): Promise<void> {
  const entryPoints = entryPointsOf(places.root);
  const app = await Application.bootstrap(optionsFor(places, [...entryPoints.values()]));
  app.renderer.hooks.on('sidebar.begin', linksTo(places.httpPage));
  const project = await convert(app, new Map([...entryPoints].map(([name, file]) => [file, name])));
  app.options.setValue('intentionallyNotDocumented', [...notDocumented, ...undocumentedLiterals(project)]);
  app.validate(project);
  await app.generateOutputs(project);
  const { errorCount, warningCount } = app.logger;
  if (errorCount + warningCount > 0) throw new Error(`TypeDoc has ${errorCount} errors and ${warningCount} warnings`);
}
