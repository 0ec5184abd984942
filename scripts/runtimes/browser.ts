/** Finds Chromium, and sets how it starts. */
import { locate } from '../system/programs.ts';

/** Chromium may connect only to this computer, and must not send reports. */
const flags = [
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-default-browser-check',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
];

/** Launch options for playwright-core. */
export interface LaunchOptions {
  readonly executablePath: string;
  readonly args: string[];
}

/** Launch options for the installed browser. Throws Failed if there is none. */
export function launchOptions(): LaunchOptions {
  // No sandbox, as is the default of Playwright: it does not work for root and on some systems, and we trust the pages.
  return { executablePath: locate('chromium'), args: [...flags] };
}
