import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { base, pagesFolder, site } from '../../scripts/docs/places.ts';
import { slugOf } from '../../scripts/docs/slug.ts';

const cacheDir = fileURLToPath(new URL('../../node_modules/.cache/vitepress', import.meta.url));

/** `npm run docs` creates it from the guides and the generated pages. */
const sidebar = JSON.parse(readFileSync(`${pagesFolder}/sidebar.json`, 'utf8'));

export default defineConfig({
  lang: 'en',
  title: 'OctaSpace SDK',
  description: 'Rent GPU machines, VPN relays and render nodes from TypeScript, and operate your own nodes.',
  base,
  srcDir: pagesFolder,
  outDir: site,
  cacheDir,
  // VitePress does not know these pages, because the built playground is copied into the site.
  ignoreDeadLinks: [/^\/playground\//],
  head: [['link', { rel: 'icon', href: `${base}icon.svg`, type: 'image/svg+xml' }]],
  markdown: {
    anchor: { slugify: slugOf },
    languages: ['ts', 'tsx', 'js', 'sh', 'json', 'http', 'yaml'],
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  // Otherwise each page contains the names of all pages.
  metaChunk: true,
  vite: { build: { chunkSizeWarningLimit: 3_000 }, logLevel: 'error' },
  router: { prefetchLinks: false },
  themeConfig: {
    sidebar,
    nav: [
      { text: 'Guides', link: '/guides/', activeMatch: '/guides/' },
      { text: 'Reference', link: '/api', activeMatch: '/(api|reference)' },
      { text: 'HTTP API', link: '/http/', activeMatch: '/http/' },
      { text: 'Playground', link: '/playground/', target: '_self' },
    ],
    outline: { level: [2, 3] },
    search: {
      provider: 'local',
      options: {
        miniSearch: { searchOptions: { boostDocument: (id: string) => (id.includes('/guides/') ? 2 : 1) } },
      },
    },
    editLink: {
      pattern: ({ frontmatter }) => `https://github.com/octaspace/typescript-sdk/edit/main/${frontmatter.source}`,
      text: 'Edit this page',
    },
    socialLinks: [{ icon: 'github', link: 'https://github.com/octaspace/typescript-sdk' }],
  },
  transformPageData: (page) => {
    // Generated pages have no link for editing.
    if (page.frontmatter.source === undefined) page.frontmatter.editLink = false;
  },
});
