/** Checks that the site has no broken link, and loads nothing from another host. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** A reference in a tag of a page. */
interface Reference {
  readonly tag: string;
  readonly url: string;
}

/** Every page of a folder, by its path. */
function pagesIn(site: string): string[] {
  const names = readdirSync(site, { encoding: 'utf8', recursive: true });
  return names.filter((name) => name.endsWith('.html')).map((name) => join(site, name));
}

function withoutScripts(html: string): string {
  return html.replace(/(<script\b[^>]*>).*?<\/script>/gs, '$1');
}

function referencesIn(html: string): Reference[] {
  return [...html.matchAll(/<(\w+)\b[^>]*?\s(?:href|src)="([^"]*)"/g)].map(({ 1: tag = '', 2: url = '' }) => ({
    tag,
    url: url.replaceAll('&amp;', '&').replaceAll('&quot;', '"'),
  }));
}

function anchorsIn(html: string): ReadonlySet<string> {
  return new Set([...html.matchAll(/\s(?:id|name)="([^"]*)"/g)].map(({ 1: id = '' }) => id));
}

/** A site, and the beginning of its paths. */
interface Served {
  readonly site: string;
  readonly base: string;
}

/** The file of a path. */
function fileAt(path: string, page: string, { site, base }: Served): string {
  const plain = path.replace(/\?.*$/, '');
  if (plain === '') return page;
  const file = plain.startsWith(base) ? join(site, plain.slice(base.length)) : resolve(dirname(page), plain);
  return plain.endsWith('/') ? join(file, 'index.html') : file;
}

/** The problem of one reference; undefined if there is none. */
function problemOf(
  { tag, url }: Reference,
  page: string,
  { anchors, ...served }: Served & { readonly anchors: (page: string) => ReadonlySet<string> },
) {
  if (/^[a-z]+:/.test(url)) return tag === 'a' || url.startsWith('data:') ? undefined : `loads ${url}`;
  const [path = '', anchor = ''] = url.split('#').map(decodeURIComponent);
  const target = fileAt(path, page, served);
  if (!existsSync(target)) return `links to ${url}, which is not there`;
  if (anchor === '' || !target.endsWith('.html')) return undefined;
  return anchors(target).has(anchor) ? undefined : `links to ${url}, which has no such section`;
}

/** All problems of a site that is served below `base`. */
export function problemsIn(
  site: string,
  base: string,
): { readonly pages: number; readonly problems: readonly string[] } {
  const pages = pagesIn(site);
  const texts = new Map(pages.map((page) => [page, withoutScripts(readFileSync(page, 'utf8'))]));
  const known = new Map<string, ReadonlySet<string>>();
  const anchors = (page: string): ReadonlySet<string> => {
    const found = known.get(page) ?? anchorsIn(texts.get(page) ?? '');
    known.set(page, found);
    return found;
  };
  const problems = [...texts].flatMap(([page, html]) => {
    const found = referencesIn(html).map((reference) => problemOf(reference, page, { site, base, anchors }));
    return [...new Set(found)].flatMap((problem) =>
      problem === undefined ? [] : `${relative(site, page)} ${problem}`,
    );
  });
  return { pages: pages.length, problems };
}
