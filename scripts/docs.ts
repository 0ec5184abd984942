/** Builds the documentation site into `site/`. With --dev, serves it instead, without building it. */
import { mkdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReflectionKind } from 'typedoc';
import { build, createServer } from 'vitepress';
import { apiPage, listMethods } from './docs/api-page.ts';
import { writeHttpPages } from './docs/http/pages.ts';
import { landingPage, recordDemo, sentenceOf } from './docs/landing.ts';
import { writeLlms } from './docs/llms.ts';
import { type Entry, sidebar } from './docs/navigation.ts';
import { copyPages, writePage } from './docs/pages.ts';
import { base, pagesFolder, site } from './docs/places.ts';
import { buildPlayground } from './docs/playground.ts';
import { writeReference } from './docs/reference.ts';
import { problemsIn } from './docs/site-check.ts';
import { root } from './package/run.ts';

/** Writes every page. Returns the sidebar. */
async function writePages(): Promise<readonly Entry[]> {
  copyPages();
  // Both run as separate processes while TypeDoc reads the sources.
  const [demo, playground] = [recordDemo(), buildPlayground()];
  const project = await writeReference();
  const methods = listMethods(project);
  writePage('api.md', apiPage(project, methods));
  const http = await writeHttpPages(methods);
  const entryPoints = project.getChildrenByKind(ReflectionKind.Module).map(({ name }) => ({
    text: name,
    link: `/reference/${name.replace('@octaspace/', '')}/`,
  }));
  writePage('index.md', landingPage(await demo));
  await playground;
  return sidebar(entryPoints, http);
}

/** Builds the site from the pages, and checks every link. */
async function buildSite(entries: readonly Entry[]): Promise<void> {
  await build(join(root, 'docs'));
  writeLlms(entries, sentenceOf(readFileSync(join(root, 'README.md'), 'utf8')));
  const { pages, problems } = problemsIn(site, base);
  for (const problem of problems) console.error(problem);
  console.log(`site/index.html: ${pages} pages, ${problems.length} problems`);
  if (problems.length > 0) process.exitCode = 1;
}

/** Serves the pages until the process is interrupted. Shows changes of guides at once. */
async function serve(): Promise<void> {
  const server = await createServer(join(root, 'docs'));
  await server.listen();
  console.log(server.resolvedUrls?.local.join(', '));
  watch(join(root, 'docs'), (_, name) => {
    if (name?.endsWith('.md')) copyPages();
  });
}

rmSync(pagesFolder, { recursive: true, force: true });
mkdirSync(join(pagesFolder, 'public'), { recursive: true });
const entries = await writePages();
writeFileSync(join(pagesFolder, 'sidebar.json'), JSON.stringify(entries));
if (process.argv.includes('--dev')) await serve();
else await buildSite(entries);
