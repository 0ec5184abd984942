/** Starts programs that rent, ends them, and checks what is left. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Built } from '../built.ts';
import { type MarketClock, type Marketplace, type MarketplaceOptions, serveMarketplace } from '../marketplace/index.ts';
import type { Plan } from './program.ts';

/** The key of every program. */
export const programKey = 'secret-key-0001';

/** Real time, because other processes have only that. */
const realClock: MarketClock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  setTimer: (callback, ms) => setTimeout(callback, ms),
  // Only values from setTimer are passed here.
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** A marketplace in real time. */
export function openMarket(options: Omit<MarketplaceOptions, 'clock'> = {}): Promise<Marketplace> {
  return serveMarketplace({ clock: realClock, ...options });
}

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running program. */
export interface Program {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  readonly stdout: () => string;
  /** Resolves when the program has ended; a child may still hold its output open. */
  readonly exited: Promise<unknown>;
  /** Resolves when its output is closed, too, which its children share. */
  readonly closed: Promise<Ended>;
}

/** Options of a program. */
export interface Rights {
  /** The user that it runs as. */
  readonly uid?: number;
  readonly gid?: number;
  /** Maximum size of files that it writes. Unit: 512 bytes. */
  readonly fileBlocks?: number;
}

/** Starts a built program. */
export function startProgram(
  path: string,
  given: readonly string[],
  env: Readonly<Record<string, string>>,
  { fileBlocks, ...rights }: Rights = {},
): Program {
  const { OCTA_API_KEY: _, OCTA_BASE_URL: __, NODE_OPTIONS: ___, ...rest } = process.env;
  const nodeFlags = env.NODE_FLAGS === undefined ? [] : env.NODE_FLAGS.split(' ');
  const command = [process.execPath, ...nodeFlags, path, ...given];
  const limited = fileBlocks === undefined ? [] : ['sh', '-c', `ulimit -f ${fileBlocks} && exec "$@"`, 'sh'];
  const [file = '', ...words] = [...limited, ...command];
  const child = spawn(file, words, { env: { ...rest, ...env }, ...rights });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  }
  child.stdin.on('error', () => undefined);
  const closed = once(child, 'close').then(([code, signal]): Ended => ({ code, signal, ...text }));
  return { child, stdout: () => text.stdout, stderr: () => text.stderr, exited: once(child, 'exit'), closed };
}

/** Starts a program that rents. */
export function startPlan(built: Built, plan: Plan, env: Readonly<Record<string, string>> = {}): Program {
  return startProgram(built.path('program'), [], { PLAN: JSON.stringify(plan), OCTA_API_KEY: programKey, ...env });
}

/** Waits until a condition is true. Throws if it is not within the time. */
export async function eventually(isSo: () => boolean, what: string, withinMs = 20_000): Promise<void> {
  for (const end = performance.now() + withinMs; !isSo(); await sleep(10)) {
    if (performance.now() > end) throw new Error(`${what} did not happen within ${withinMs} ms`);
  }
}

/** Processes that run a file of a folder. */
export function processesOf({
  folder,
}: Pick<Built, 'folder'>): { pid: number; arguments: string; environment: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const given = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        if (!given.includes(folder)) return [];
        return [{ pid: Number(pid), arguments: given, environment: readFileSync(`/proc/${pid}/environ`, 'utf8') }];
      } catch {
        return [];
      }
    });
}

/** The parent of a process; undefined if it is gone. */
export function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

/** Whether a process already handles SIGHUP. Node itself always handles SIGINT and SIGTERM, so they prove nothing. */
export function handlesHangUp(pid: number | undefined): boolean {
  try {
    const caught = /^SigCgt:\s*([\da-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    return (BigInt(`0x${caught}`) & (1n << BigInt(constants.signals.SIGHUP - 1))) !== 0n;
  } catch {
    return false;
  }
}

/** Runs the command `octaspace` on the account of the programs. */
export function runCommand(built: Built, market: Marketplace, given: readonly string[]): Promise<Ended> {
  const env = { OCTA_API_KEY: programKey, OCTA_BASE_URL: market.url };
  return startProgram(built.path('cli'), given, env).closed;
}
