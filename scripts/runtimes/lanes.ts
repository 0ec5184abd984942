/** The runtimes that the SDK is tested on, and their differences. */

import type { ExceptionName } from '../../test/runtimes/suite/types.ts';
import type { Tool } from '../package/tools.ts';
import { chooseLanes } from './choose.ts';

/** The families of runtimes; each starts in its own way. */
export type Family = 'node' | 'bun' | 'deno' | 'workerd' | 'chromium';

/** One run of the suite. */
export interface Lane {
  readonly name: string;
  readonly family: Family;
  /** Its name in docs/runtimes.md. */
  readonly runtime: string;
  /** The version in docs/runtimes.md. The version of the runtime must begin with it; `current` is the installed one. */
  readonly version: string;
  /** How the package is loaded there, in the words of docs/runtimes.md. */
  readonly how: string;
  /** The npm package of the runtime, and its exact version; absent for an installed program. */
  readonly tool?: Tool;
  /** Module format for a process. Default `esm`. */
  readonly format?: 'esm' | 'cjs';
  /** Globals that are removed before the SDK is loaded. */
  readonly without?: string;
  /** Where a browser runs the suite. */
  readonly place?: 'page' | 'worker';
}

const node20 = { family: 'node', runtime: 'Node', version: '20.19', tool: ['node', '20.19.0'] } as const;
const older = { ...node20, how: 'ES modules' } as const;
const chromium = { family: 'chromium', runtime: 'Chromium', version: 'current' } as const;

/** In the order in which they run. */
export const lanes: readonly Lane[] = [
  { ...node20, name: 'node-20', how: 'ES modules' },
  { ...node20, name: 'node-20-cjs', how: 'CommonJS', format: 'cjs' },
  { ...older, name: 'node-20-no-any', how: 'without `AbortSignal.any`', without: 'AbortSignal.any' },
  { ...older, name: 'node-20-no-timeout', how: 'without `AbortSignal.timeout`', without: 'AbortSignal.timeout' },
  { ...older, name: 'node-20-no-dispose', how: 'without `Symbol.asyncDispose`', without: 'Symbol.asyncDispose' },
  { name: 'node-22', family: 'node', runtime: 'Node', version: '22', how: 'ES modules', tool: ['node', '22.23.3'] },
  { name: 'node-24', family: 'node', runtime: 'Node', version: '24', how: 'ES modules', tool: ['node', '24.21.0'] },
  { name: 'node-26', family: 'node', runtime: 'Node', version: '26', how: 'ES modules', tool: ['node', '26.12.1'] },
  { name: 'bun', family: 'bun', runtime: 'Bun', version: '1.4', how: 'ES modules', tool: ['bun', '1.4.5'] },
  { name: 'deno', family: 'deno', runtime: 'Deno', version: '2.9', how: 'ES modules', tool: ['deno', '2.9.6'] },
  {
    name: 'workerd',
    family: 'workerd',
    runtime: 'Cloudflare Workers (workerd)',
    version: '2026-11',
    how: 'one bundle',
    tool: ['workerd', '1.20261117.1'],
  },
  { ...chromium, name: 'chromium-page', how: 'one bundle, in a page', place: 'page' },
  { ...chromium, name: 'chromium-worker', how: 'one bundle, in a dedicated worker', place: 'worker' },
];

/** Behaviour of the SDK that differs in some runtimes. */
export interface RuntimeException {
  readonly name: ExceptionName;
  readonly families: readonly Family[];
  /** What differs, and why, in the words of docs/runtimes.md. */
  readonly reason: string;
}

export const exceptions: readonly RuntimeException[] = [
  {
    name: 'no-proof',
    families: ['workerd', 'chromium'],
    reason:
      'The runtime does not say why a connection failed. If the API cannot be reached, the error is an `OctaNetworkError` with the outcome `unknown`, and a call that must not happen twice is not sent to another base URL.',
  },
  {
    name: 'sends-twice',
    families: ['chromium'],
    reason:
      'A browser may repeat a request by itself if the connection breaks. The SDK therefore refuses calls that must not happen twice unless you set `allowBillableInBrowser`. With a simulator nothing is sent, so these calls are allowed.',
  },
  {
    name: 'repeats-gets',
    families: ['workerd'],
    reason:
      'The runtime repeats a GET by itself if its kept connection is dead, and the SDK cannot prevent that. A reboot, which is a GET, may arrive twice. A POST, such as a start, does not.',
  },
  {
    name: 'own-user-agent',
    families: ['chromium'],
    reason: 'A browser sends its own `User-Agent`, so the option `userAgent` has no effect.',
  },
  {
    name: 'hidden-redirects',
    families: ['chromium'],
    reason:
      'A browser hides the details of a redirect. The error is an `OctaApiError` with status 0, without the target.',
  },
  {
    name: 'no-environment',
    families: ['chromium'],
    reason: 'There are no environment variables, so `fromEnv()` finds none.',
  },
  {
    name: 'no-server',
    families: ['workerd', 'chromium'],
    reason: 'A program cannot accept connections there, so `simulator.listen()` throws. `simulator.fetch` works.',
  },
  {
    name: 'no-node-transport',
    families: ['bun', 'workerd', 'chromium'],
    reason:
      '`nodeFetch()` needs the sockets of Node, and undici, which Bun replaces with its own module. On Bun `nodeFetch()` throws; use the `fetch` of the runtime.',
  },
  {
    name: 'relative-urls',
    families: ['chromium'],
    reason: 'A path such as `/api/octa` is a base URL in a browser; elsewhere it is an `OctaConfigurationError`.',
  },
];

/** Whether a version is the wanted one, or belongs to its line. */
export function isVersion(version: string, wanted: string): boolean {
  return version.startsWith(wanted) && !/^\d/.test(version.slice(wanted.length));
}

/** The differences of a lane. */
export function exceptionsOf({ family }: Lane): ExceptionName[] {
  return exceptions.filter(({ families }) => families.includes(family)).map(({ name }) => name);
}

/** The lanes that the arguments name; all of them if there are no arguments. Throws for an unknown lane. */
export function lanesFor(given: readonly string[]): readonly Lane[] {
  return chooseLanes(lanes, given, ', or node or chromium for all of their lanes');
}
