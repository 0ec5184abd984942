/** Spawns the child that stops the sessions of this process when it cannot do so itself. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OpenLease } from '../../core/lease-types.ts';
import { lineOf, type Message, openId, type Setup } from './messages.ts';

/** How long after its own time limit the child is killed. Unit: ms. */
const startUpMs = 2_000;

/** The folder of this module, for ES modules and CommonJS. */
function ownFolder(): string {
  return typeof __filename === 'string' ? dirname(__filename) : dirname(fileURLToPath(import.meta.url));
}

/** Path of the child's program; undefined if it is missing, for example because an application bundles this package. */
export function reaperProgram(): string | undefined {
  const beside = join(ownFolder(), 'reaper.js');
  if (existsSync(beside)) return beside;
  try {
    const manifest = createRequire(join(process.cwd(), 'application.js')).resolve('@octaspace/sdk/package.json');
    const installed = join(dirname(manifest), 'dist', 'reaper.js');
    return existsSync(installed) ? installed : undefined;
  } catch {
    return undefined;
  }
}

/** The environment of the child: without the API key, and without Node options that are meant for the program. */
function environment(): NodeJS.ProcessEnv {
  const { OCTA_API_KEY: _, NODE_OPTIONS: __, ...rest } = process.env;
  return rest;
}

function greeting(setup: Setup, key: string | undefined): Message[] {
  return [{ setup }, ...(key === undefined ? [] : [{ key }])];
}

/** What a child needs. */
export interface Handed {
  readonly program: string;
  readonly setup: Setup;
  readonly key: string | undefined;
  readonly open: readonly OpenLease[];
}

/** Runs the child synchronously, because an exiting process cannot wait for promises. Returns whether everything is over. */
export function reapNow({ program, setup, key, open }: Handed): boolean {
  const messages = [...greeting(setup, key), ...open.map((each) => ({ open: each }))];
  const { status } = spawnSync(process.execPath, [program], {
    // The key goes through stdin: other processes can read arguments and environment.
    input: messages.map(lineOf).join(''),
    stdio: ['pipe', 'ignore', 'inherit'],
    env: environment(),
    timeout: setup.withinMs + startUpMs,
    killSignal: 'SIGKILL',
    windowsHide: true,
  });
  return status === 0;
}

/** A child that runs beside this process, and stops its sessions if the process dies without telling it to exit. */
export class Reaper {
  readonly #child: ChildProcess;
  readonly #told = new Set<string>();
  #key: string | undefined;
  #isDismissed = false;

  constructor({ program, setup, key }: Omit<Handed, 'open'>, onLoss: () => void) {
    // In its own process group, because a terminal sends its signals to the whole group.
    this.#child = spawn(process.execPath, [program], {
      detached: true,
      stdio: ['pipe', 'ignore', 'inherit'],
      env: environment(),
      windowsHide: true,
    });
    const isLost = () => {
      if (!this.#isDismissed) onLoss();
      this.#isDismissed = true;
    };
    this.#child.on('error', isLost).on('exit', isLost);
    this.#child.stdin?.on('error', () => undefined);
    this.#child.unref();
    if (this.#child.stdin instanceof Socket) this.#child.stdin.unref();
    this.#key = key;
    for (const message of greeting(setup, key)) this.#send(message);
  }

  /** Sends the child the current open sessions and starts. */
  update(open: readonly OpenLease[], key: string | undefined): void {
    if (key !== undefined && key !== this.#key) this.#send({ key });
    this.#key = key;
    const ids = new Set(open.map(openId));
    for (const each of open) {
      if (!this.#told.has(openId(each))) this.#send({ open: each });
    }
    for (const id of this.#told) {
      if (!ids.has(id)) this.#send({ closed: id });
    }
    this.#told.clear();
    for (const id of ids) this.#told.add(id);
  }

  /** Tells the child to exit without stopping anything. */
  dismiss(): void {
    if (this.#isDismissed) return;
    this.#isDismissed = true;
    this.#child.stdin?.end(lineOf({ bye: true }));
  }

  #send(message: Message): void {
    // A short message is in the pipe when this returns, and stays there if this process dies.
    if (!this.#isDismissed) this.#child.stdin?.write(lineOf(message));
  }
}
