/** The playground as a part of the documentation: files alone, without the server that live mode needs. */
declare global {
  interface ImportMeta {
    /** Set by Vite. */
    readonly env: { readonly MODE: string };
  }
}

/** Whether this is it; `npm run docs` builds it with this mode. */
export const isStatic = import.meta.env.MODE === 'site';

/** Where the documentation is, from here. */
export const documentation = '../';
