/** The site of the documentation, as its host serves it: below its base, and compressed. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { base, site } from '../../../scripts/docs/places.ts';
import { root } from '../../../scripts/package/run.ts';
import { lastChange } from '../../../scripts/playground/prepare.ts';

const sources = ['docs', 'src', 'generated', 'scripts/docs', 'scripts/demo', 'playground/src', '.changeset'];
const files = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'playground/package-lock.json', 'package-lock.json'];

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.md': 'text/markdown',
};

/** Builds the site, unless it is there and younger than what it is made of; `npm run check:rest` has built it before. */
export async function buildDocs(): Promise<void> {
  const index = join(site, 'index.html');
  const changed = Math.max(
    ...sources.map((folder) => lastChange(join(root, folder))),
    ...files.map((file) => statSync(join(root, file)).mtimeMs),
  );
  if (existsSync(index) && statSync(index).mtimeMs > changed) return;
  console.log('Building the site of the documentation.');
  await promisify(execFile)(process.execPath, ['--import', 'tsx', 'scripts/docs.ts'], { cwd: root });
}

/** A file of the site; undefined when there is none. */
function fileFor(path: string): string | undefined {
  if (!path.startsWith(base)) return undefined;
  const file = join(site, path.slice(base.length), path.endsWith('/') ? 'index.html' : '');
  return file.startsWith(site) && existsSync(file) && statSync(file).isFile() ? file : undefined;
}

/** The served site. */
export interface ServedDocs extends AsyncDisposable {
  /** Where it is, without a slash at its end. */
  readonly url: string;
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(Number(Object(server.address()).port)));
  });
}

/** Serves the built site on a free port. */
export async function serveDocs(): Promise<ServedDocs> {
  const server = createServer(({ url = '/' }, response) => {
    const file = fileFor(decodeURIComponent(new URL(url, 'http://127.0.0.1').pathname));
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    const headers = { 'content-type': `${types[extname(file)] ?? 'application/octet-stream'}; charset=utf-8` };
    response.writeHead(200, { ...headers, 'content-encoding': 'gzip' }).end(gzipSync(readFileSync(file)));
  });
  const port = await listening(server);
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}${base.slice(0, -1)}`, [Symbol.asyncDispose]: close };
}
