/** Folders and base path of the site. */
import { join } from 'node:path';
import { root } from '../package/run.ts';

/** The pages that VitePress reads: copies of the guides, and everything that is generated. */
export const pagesFolder = join(root, '.site');

/** The built site. */
export const site = join(root, 'site');

/** The beginning of every path of the site, which GitHub serves as a project page. */
export const base = '/typescript-sdk/';
