/** Reads the arguments of `octaspace run`. */
import type { FindMachinesOptions, RunMrOptions } from '../index.ts';
import { leaseVariableOf } from './account.ts';
import {
  commonOptions,
  Misuse,
  type NumberRule,
  numberOf,
  octaOf,
  positiveNumber,
  readArguments,
  type Syntax,
  textOf,
  type Values,
} from './arguments.ts';
import type { Io } from './io.ts';
import { filesOf, resultsOf } from './job-files.ts';

const defaultImage = 'ubuntu:24.04';
const defaultDisk = 20;
const defaultReadyMinutes = 10;
const msPerMinute = 60_000;

/** Help text of `octaspace run`. */
export const jobUsage = `octaspace run: rents a machine, runs a command in its container, and stops the machine.
Usage: octaspace run --max-spend OCTA [options] -- COMMAND [ARGUMENT…]

  --max-spend OCTA   what the job may cost at most; this or --max-minutes is required
  --max-minutes N    how long the session may run, including the time to pull the image
  --gpu MODEL        model of the GPU, such as 4090; default: any machine, even one without a GPU
  --max-usd-per-hour USD
                     highest price of the machine per hour, with its disk; default: no limit
  --vram GB          minimum video memory of one GPU; 1 GB is 1000 MB
  --country NAME     country of the machine: a code such as DE, or an English name
  --image IMAGE      Docker image; it needs sh and base64; default ${defaultImage}
  --disk GB          disk space to rent; default ${defaultDisk}
  --env NAME=VALUE   variable of the container; NAME alone copies the variable from your shell; also -e; can be repeated
  --file PATH        file below this folder to send to the container; can be repeated; 256 kB in all
  --result PATH      file of the container to save below this folder afterwards; can be repeated; 256 kB in all
  --ready-minutes N  how long the machine may take to become ready; default ${defaultReadyMinutes}
  --idle-minutes N   stops the job if it prints nothing for this long; default: no limit
  --ledger DIR       folder of a ledger, for octaspace reap
  --yes              rents without asking; also -y; required without a terminal, and with --json
  --simulate         runs the command on this computer, on a simulated market; rents nothing and costs nothing;
                     --simulate=SEED for another market
  --json             prints JSON: one object per line, for the quote, each line of output, and the result
  --help             this text

The command is a list of arguments. To use a shell: octaspace run … -- sh -c 'make && ./test | tail'
Its output goes to stdout, everything else to stderr. Ctrl+C stops the session, and waits until it is proven over.
Environment: OCTA_API_KEY is the API key, OCTA_BASE_URL another base URL of the API.
Exit code: that of the command; 125 if it did not run to its end; 2 misuse; 128 plus the number of a signal.`;

const syntax: Syntax = {
  command: 'run',
  positionals: true,
  valued: ['simulate'],
  options: {
    'max-spend': { type: 'string' },
    'max-minutes': { type: 'string' },
    'max-usd-per-hour': { type: 'string' },
    gpu: { type: 'string' },
    vram: { type: 'string' },
    country: { type: 'string' },
    image: { type: 'string' },
    disk: { type: 'string' },
    env: { type: 'string', short: 'e', multiple: true },
    file: { type: 'string', multiple: true },
    result: { type: 'string', multiple: true },
    'ready-minutes': { type: 'string' },
    'idle-minutes': { type: 'string' },
    ledger: { type: 'string' },
    yes: { type: 'boolean', short: 'y' },
    simulate: { type: 'boolean' },
    ...commonOptions,
  },
};

const wholeGb: NumberRule = {
  allowed: 'a whole number of GB, 1 or more',
  fits: (value) => Number.isSafeInteger(value) && value >= 1,
};
const idleMinutes: NumberRule = { allowed: 'a number of minutes, 0.1 or more', fits: (value) => value >= 0.1 };

/** Limits of a job; at least one is set. */
export interface JobLimits {
  /** Unit: Wei. */
  readonly maxSpend: bigint | undefined;
  /** Unit: ms. */
  readonly maxDurationMs: number | undefined;
}

/** The command, and what its container needs. */
export type JobOrder = Pick<RunMrOptions, 'files' | 'results' | 'envs'> & {
  readonly command: readonly string[];
  readonly image: string;
  /** Unit: GB. */
  readonly disk_size: number;
};

/** The arguments of `octaspace run`. */
export interface JobRequest {
  readonly criteria: Pick<FindMachinesOptions, 'gpu' | 'minVramMb' | 'country'>;
  /** Highest price of a machine with its disk. Unit: USD per hour. */
  readonly maxUsdPerHour: number | undefined;
  readonly limits: JobLimits;
  readonly order: JobOrder;
  readonly readyTimeoutMs: number;
  readonly idleTimeoutMs: number | undefined;
  readonly ledger: string | undefined;
  /** Whether to rent without asking. */
  readonly yes: boolean;
  /** Seed of the simulated market; undefined for the real one. */
  readonly seed: string | undefined;
}

function commandOf(positionals: readonly string[], rest: readonly string[] = []): readonly string[] {
  const advice = 'write the command after --, as in octaspace run --max-spend 2 -- python train.py';
  if (positionals.length > rest.length) {
    throw new Misuse(`unexpected argument ${JSON.stringify(positionals[0])}; ${advice}`);
  }
  if (rest.length === 0) throw new Misuse(`missing command; ${advice}`);
  return rest;
}

function limitsOf(values: Values): JobLimits {
  const minutes = numberOf(values, 'max-minutes', positiveNumber);
  const maxSpend = octaOf(values, 'max-spend', '2 or 0.5');
  if (maxSpend === undefined && minutes === undefined) {
    throw new Misuse('missing limit; set --max-spend, in OCTA, or --max-minutes, or both');
  }
  return { maxSpend, maxDurationMs: minutes === undefined ? undefined : minutes * msPerMinute };
}

/** The variables of the container. Values are not trimmed. */
function envsOf(values: Values, io: Io): Record<string, string> {
  const texts: readonly unknown[] = Array.isArray(values.env) ? values.env : [];
  const envs: Record<string, string> = {};
  for (const text of texts.map(String)) {
    const [, name = '', given] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(text) ?? [];
    const value = given ?? io.env[name];
    // The value may be a secret, so errors do not show it.
    const shown = JSON.stringify(text.replace(/=.*/s, '=…'));
    if (name === '')
      throw new Misuse(`--env is ${shown}; allowed: NAME=VALUE, or the name of a variable that is set in your shell`);
    if (value === undefined)
      throw new Misuse(`--env is ${shown}, but the variable is not set in your shell; write NAME=VALUE`);
    if (name === leaseVariableOf(io))
      throw new Misuse(`--env is ${shown}, but octaspace sets this variable itself; use another name`);
    envs[name] = value;
  }
  return envs;
}

/** Reads the arguments. Throws Misuse for the first wrong one. */
export function readJobRequest(given: readonly string[], io: Io): JobRequest {
  const { values, positionals, rest } = readArguments(given, syntax);
  const vramGb = numberOf(values, 'vram', positiveNumber);
  const idle = numberOf(values, 'idle-minutes', idleMinutes);
  const { simulate } = values;
  const ledger = textOf(values, 'ledger');
  if (simulate !== undefined && ledger !== undefined) {
    throw new Misuse('--ledger cannot be used with --simulate');
  }
  return {
    criteria: {
      gpu: textOf(values, 'gpu'),
      minVramMb: vramGb === undefined ? undefined : vramGb * 1_000,
      country: textOf(values, 'country'),
    },
    maxUsdPerHour: numberOf(values, 'max-usd-per-hour', positiveNumber),
    limits: limitsOf(values),
    order: {
      image: textOf(values, 'image') ?? defaultImage,
      disk_size: numberOf(values, 'disk', wholeGb) ?? defaultDisk,
      envs: envsOf(values, io),
      files: filesOf(values),
      results: resultsOf(values),
      command: commandOf(positionals, rest),
    },
    readyTimeoutMs: (numberOf(values, 'ready-minutes', positiveNumber) ?? defaultReadyMinutes) * msPerMinute,
    idleTimeoutMs: idle === undefined ? undefined : idle * msPerMinute,
    ledger,
    yes: values.yes === true,
    seed: simulate === undefined ? undefined : simulate === true ? '1' : textOf({ ...values, simulate }, 'simulate'),
  };
}
