/** Where the parts of the site come from, and where they go. */
import { join } from 'node:path';
import { root } from '../package/run.ts';

/** The pages that VitePress reads: copies of the guides, and everything that is generated. */
export const pagesFolder = join(root, '.site');

/** The built site. */
export const site = join(root, 'site');

/** What precedes every path of the site: it is served as a project's page on GitHub. */
export const base = '/typescript-sdk/';
