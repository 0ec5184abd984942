/** Where Chromium is, and how it is started. */
import { locate } from '../system/programs.ts';

/** It talks to this computer alone, and to nobody about itself. */
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

/** What playwright-core starts it with. */
export interface LaunchOptions {
  readonly executablePath: string;
  readonly args: string[];
}

/** How to launch the installed browser. Throws Failed when there is none. */
export function launchOptions(): LaunchOptions {
  // Without a sandbox, as Playwright has it: root has none, some systems have none for others, and the pages are ours.
  return { executablePath: locate('chromium'), args: [...flags] };
}
