/** Options of a job, and their checks. */
import { bytesOf } from '../base64.ts';
import { anObject, type Checks, checkAll, numberFrom } from '../core/checks.ts';
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

function aCommand(value: unknown): string | undefined {
  const words: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isText = words.every((word) => typeof word === 'string' && !word.includes('\0')) && /\S/.test(words.join(''));
  return isText && bytesOf(commandText(value as JobCommand['command'])).length <= mostCommandBytes
    ? undefined
    : 'non-empty text or array of arguments, without NUL, at most 64 kB';
}

/** A path that is neither empty nor that of a folder. */
const aPath = /^[^\0\n]*[^\0\n/]$/;

function someFiles(value: unknown): string | undefined {
  const allowed = 'text or Uint8Array by path, at most 256 kB in all; let the command download larger files';
  if (anObject(value) !== undefined) return allowed;
  let left = mostFileBytes;
  const wrong = Object.entries(Object(value)).find(([path, content]) => {
    if (typeof content !== 'string' && !(content instanceof Uint8Array)) return true;
    left -= bytesOf(content).length;
    return left < 0 || !aPath.test(path);
  });
  return wrong && `${allowed}; not ${JSON.stringify(wrong[0])}`;
}

function somePaths(value: unknown): string | undefined {
  const isPath = (path: unknown) => typeof path === 'string' && aPath.test(path);
  return Array.isArray(value) && value.every(isPath) ? undefined : 'an array of paths of files';
}

/** Checks of the command of a job, its files and its results. */
export const commandChecks = { command: aCommand, files: someFiles, results: somePaths } satisfies Checks<JobCommand>;
