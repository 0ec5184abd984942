/** Builds the site of the documentation into `site/`: guides, reference of the API of the package, and of the HTTP API. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeChangelogPage } from './docs/changelog.ts';
import { httpPage, writeHttpReference } from './docs/http-reference.ts';
import { writeReference } from './docs/reference.ts';
import { problemsIn } from './docs/site-check.ts';
import { root } from './package/run.ts';

const site = join(root, 'site');

rmSync(site, { recursive: true, force: true });
const changelog = writeChangelogPage(root);
try {
  await writeReference({ root, site, changelog, httpPage });
} finally {
  rmSync(changelog);
}
await writeHttpReference(site);

const { pages, problems } = problemsIn(site);
for (const problem of problems) console.error(problem);
console.log(`site/index.html: ${pages} pages, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
