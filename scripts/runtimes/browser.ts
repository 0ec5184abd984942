/** Where Chromium is, and how it is started. */
import { existsSync } from 'node:fs';
import { Failed, run } from '../package/run.ts';

/** Names the browser, where it is not in a usual place. */
const variable = 'OCTA_TEST_CHROMIUM';
const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

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

function found(): string | undefined {
  return usual.find((path) => existsSync(path));
}

/** The browser's program; installs Debian's when there is none, where that is possible. */
async function browserProgram(): Promise<string> {
  const named = process.env[variable];
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return named;
    throw new Failed(`${variable} names ${named}, which is not there`);
  }
  const present = found();
  if (present !== undefined) return present;
  const mayInstall = existsSync('/usr/bin/apt-get') && process.getuid?.() === 0;
  if (mayInstall) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', ['update'], { env });
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { env });
  }
  const installed = found();
  if (installed !== undefined) return installed;
  throw new Failed(`there is no Chromium: install it (apt-get install chromium), or name its program in ${variable}`);
}

/** Finds the browser, or installs it. Throws Failed when there is none. */
export async function launchOptions(): Promise<LaunchOptions> {
  const executablePath = await browserProgram();
  // Without a sandbox, as Playwright has it: root has none, some systems have none for others, and the pages are ours.
  return { executablePath, args: [...flags] };
}
