/** Options of a job, and their checks. */
import { bytesOf } from '../base64.ts';
import { anObject, type Checks, checkAll, numberFrom, type Problem } from '../core/checks.ts';
import { demandLimit, type SomeLimit } from '../leases/guard-limits.ts';
import { type LeaseOptions, leaseChecks } from '../leases/lease-options.ts';
import { commandText, type JobCommand, mostFileBytes } from './wrapper.ts';

/** Limits and options of a job: those of `rent`, of which `maxSpend`, `maxDurationMs` or both are required. */
export type JobOptions = Omit<LeaseOptions, 'maxDurationMs' | 'maxSpend'> &
  SomeLimit & {
    /** Stops the session if the command prints nothing for this long. Unit: ms, 1000 or more. Default: no limit. */
    readonly idleTimeoutMs?: number | undefined;
  };

const optionChecks = {
  ...leaseChecks,
  idleTimeoutMs: /* @__PURE__ */ numberFrom(1_000, 'a number of milliseconds, 1000 or more'),
} satisfies Checks<LeaseOptions & { readonly idleTimeoutMs: number }>;

/** Throws OctaConfigurationError if an option is wrong, or there is no limit. */
export function checkJobOptions(given: JobOptions = {} as JobOptions): void {
  checkAll(given, optionChecks, 'options of run');
  demandLimit(given, 'run');
}

/** Maximum size of the command. It is an argument of `sh`, for which Linux allows 128 kB. Unit: bytes. */
const mostCommandBytes = 64 * 1024;

function aCommand(value: unknown): string | Problem | undefined {
  const allowed = 'non-empty text or array of arguments, without NUL, at most 64 kB';
  const words: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!words.every((word) => typeof word === 'string')) return allowed;
  const problem = (what: string) => ({ message: `command ${what}; allowed: ${allowed}` });
  const text = words.join('');
  if (!/\S/.test(text)) return problem('is empty');
  if (text.includes('\0')) return problem('contains NUL');
  const bytes = bytesOf(commandText(value as JobCommand['command'])).length;
  return bytes <= mostCommandBytes ? undefined : problem(`has ${bytes} bytes`);
}

/** A path that is neither empty nor that of a folder. */
const aPath = /^[^\0\n]*[^\0\n/]$/;

function someFiles(value: unknown): string | Problem | undefined {
  const allowed = 'text or Uint8Array by path, at most 256 kB in all; let the command download larger files';
  if (anObject(value) !== undefined) return allowed;
  let bytes = 0;
  for (const [path, content] of Object.entries(Object(value))) {
    const isContent = typeof content === 'string' || content instanceof Uint8Array;
    if (!isContent || !aPath.test(path)) {
      return { message: `files has a wrong entry ${JSON.stringify(path)}; allowed: ${allowed}` };
    }
    bytes += bytesOf(content).length;
  }
  const kb = Math.ceil(bytes / 1024);
  return bytes <= mostFileBytes ? undefined : { message: `files has ${kb} kB in all; allowed: ${allowed}` };
}

function somePaths(value: unknown): string | Problem | undefined {
  const allowed = 'an array of paths of files';
  if (!Array.isArray(value)) return allowed;
  const wrong = value.findIndex((path) => typeof path !== 'string' || !aPath.test(path));
  return wrong === -1
    ? undefined
    : { message: `entry ${wrong + 1} of results is not the path of a file; allowed: ${allowed}` };
}

/** Checks of the command of a job, its files and its results. */
export const commandChecks = { command: aCommand, files: someFiles, results: somePaths } satisfies Checks<JobCommand>;
