/** Loads the optional package undici. */
import { createRequire } from 'node:module';
import type * as Package from 'undici';
import { OctaConfigurationError } from '../errors/errors.ts';

/** The part of undici that is used. */
export type Undici = Pick<typeof Package, 'Client' | 'errors'>;

/** Loads undici; tests use other sources. */
export interface UndiciSource {
  /** Imports the package. Rejects if it is not installed. */
  readonly load: () => Promise<unknown>;
  /** Its version; undefined if unknown. */
  readonly version: () => string | undefined;
}

function installedVersion(): string | undefined {
  try {
    // Throws in bundles without import.meta.
    const { version }: { version?: unknown } = createRequire(import.meta.url)('undici/package.json');
    return typeof version === 'string' ? version : undefined;
  } catch {
    /* v8 ignore next -- @preserve the tests have both import.meta and undici */
    return undefined;
  }
}

/** The installed package. */
export const installedUndici: UndiciSource = { load: () => import('undici'), version: installedVersion };

/** Without a version, undici 7 is recognized by `cacheStores`, which earlier major versions do not have. */
function isUsable(found: unknown): found is Undici {
  return (
    typeof found === 'object' && found !== null && ['Client', 'errors', 'cacheStores'].every((name) => name in found)
  );
}

/** The message for a package that cannot be loaded. */
function loadFailure(cause: unknown): string {
  const { code, message = String(cause) }: { code?: unknown; message?: unknown } = Object(cause);
  const text = String(message);
  const isMissing = /^(ERR_)?MODULE_NOT_FOUND$/.test(String(code)) && text.includes('undici');
  if (isMissing) return 'nodeFetch() needs the package undici 7: npm install undici@7';
  // esbuild throws this for `require` in ES modules, and undici requires modules of Node.
  const advice = text.startsWith('Dynamic require of') ? '; leave undici out of the bundle: mark it as external' : '';
  return `nodeFetch() could not load the package undici: ${text}${advice}`;
}

/** Loads undici. Rejects with OctaConfigurationError if it is missing or not version 7, and on Bun. */
export async function loadUndici({ load, version }: UndiciSource): Promise<Undici> {
  if ('Bun' in globalThis) {
    const message =
      'nodeFetch() does not support Bun, which replaces undici with its own module; omit the fetch option';
    throw new OctaConfigurationError({ message });
  }
  let found: unknown;
  try {
    found = await load();
  } catch (cause) {
    throw new OctaConfigurationError({ message: loadFailure(cause), cause });
  }
  const installed = version();
  const mayBeSeven = installed === undefined || installed.startsWith('7.');
  if (mayBeSeven && isUsable(found)) return found;
  const which = mayBeSeven ? 'another version' : installed;
  const message = `nodeFetch() needs the package undici 7, but found ${which}: npm install undici@7`;
  throw new OctaConfigurationError({ message });
}
