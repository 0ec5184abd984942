/** What each option of the commands about sessions changes. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LeaseRecord, OctaClient } from '../../../src/index.ts';
import { fileLedger } from '../../../src/node/index.ts';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { start } from '../cli/console.ts';
import type { Behaviours } from './behaviour.ts';

/** Options of a command as they are written, with a text, or none for a switch. */
type Given<Name extends string> = { readonly [Each in Name]?: string };

function argumentsOf(given: Given<string>): string[] {
  return Object.entries(given).flatMap(([name, text = '']) => (text === '' ? [name] : [name, text]));
}

/** Runs a command against an account with one session. */
async function withSession(command: string, given: readonly string[]) {
  const simulator = new OctaSimulator({ latencyMs: 0 });
  const client = new OctaClient({ apiKey: 'key', fetch: simulator.fetch });
  const [machine] = await client.services.mr.available();
  const order = { node_id: machine?.node_id ?? 0, disk_size: 20, image: 'ubuntu:24.04' };
  const { uuid } = await client.services.mr.start(order);
  const { ended } = start([command, ...given], { env: { OCTA_API_KEY: 'key' }, fetch: simulator.fetch });
  const { stdout } = await ended;
  const isRunning = (await client.sessions.list()).some((session) => session.uuid === uuid);
  return { stdout, isRunning };
}

export const sessionsBehaviours: Behaviours<Given<'--json'>> = {
  '--json': {
    given: '',
    see: async (given) => (await withSession('sessions', argumentsOf(given))).stdout.startsWith('[{"uuid":'),
    without: false,
    with: true,
  },
};

export const stopBehaviours: Behaviours<Given<'--all' | '--json'>> = {
  '--all': {
    given: '',
    see: async (given) => (await withSession('stop', argumentsOf(given))).isRunning,
    without: true,
    with: false,
  },
  '--json': {
    given: '',
    see: async (given) => (await withSession('stop', ['--all', ...argumentsOf(given)])).stdout.startsWith('[{"uuid":'),
    without: false,
    with: true,
  },
};

const ownerIsDead = ['--ttl', '0', '--force'];

interface Reap {
  readonly given: Given<string>;
  readonly before?: readonly string[];
  /** How old a start without a session is, which takes the place of the session. Unit: ms. */
  readonly startedAgoMs?: number;
  readonly withLedger?: boolean;
}

/** Runs `octaspace reap` with a lease of a dead owner, and sees what became of it. */
async function reap({ given, before = [], startedAgoMs, withLedger = true }: Reap) {
  const folder = await mkdtemp(join(tmpdir(), 'octaspace-reap-'));
  const simulator = new OctaSimulator({ latencyMs: 0 });
  const client = new OctaClient({ apiKey: 'key', fetch: simulator.fetch });
  const [machine] = await client.services.mr.available();
  const nodeId = machine?.node_id ?? 0;
  const session = await client.services.mr.start({ node_id: nodeId, disk_size: 20, image: 'ubuntu:24.04' });
  const { clock } = simulator;
  const sentAt = (clock.wallNow?.() ?? clock.now()) - (startedAgoMs ?? 0);
  const state = startedAgoMs === undefined ? ({ state: 'running', uuid: session.uuid } as const) : undefined;
  const record = {
    version: 1,
    leaseId: 'dead',
    state: 'starting',
    service: 'mr',
    nodeId,
    sentAt,
    owner: 'gone',
  } as const;
  const ledger = fileLedger(folder);
  await ledger.put({ ...record, ...state } satisfies LeaseRecord);
  const controller = new AbortController();
  const words = [...(withLedger ? ['--ledger', folder] : []), ...before, ...argumentsOf(given)];
  const begin = simulator.now;
  const io = { env: { OCTA_API_KEY: 'key' }, fetch: simulator.fetch, signal: controller.signal };
  const command = start(['reap', ...words], io);
  const endsByItself = await Promise.race([command.ended.then(() => true), sleep(1_000).then(() => false)]);
  controller.abort();
  const { code, stdout } = await command.ended;
  const tookMs = simulator.now - begin;
  const isRunning = (await client.sessions.list()).some(({ uuid }) => uuid === session.uuid);
  const left = (await ledger.list()).filter((each) => 'leaseId' in each).length;
  await rm(folder, { recursive: true });
  return { code, stdout, tookMs, isRunning, left, endsByItself };
}

type ReapOption = '--ledger' | '--watch' | '--dry-run' | '--forget' | '--ttl' | '--force' | '--json';

export const reapBehaviours: Behaviours<Given<ReapOption>> = {
  '--ledger': {
    given: tmpdir(),
    see: async (given) => (await reap({ given, before: ownerIsDead, withLedger: false })).code === 2,
    without: true,
    with: false,
  },
  '--watch': {
    given: '',
    see: async (given) => (await reap({ given, before: ownerIsDead })).endsByItself,
    without: true,
    with: false,
  },
  '--dry-run': {
    given: '',
    see: async (given) => (await reap({ given, before: ownerIsDead })).isRunning,
    without: false,
    with: true,
  },
  '--forget': {
    given: '',
    see: async (given) => (await reap({ given, before: ownerIsDead, startedAgoMs: 1_200_000 })).left,
    without: 1,
    with: 0,
  },
  '--ttl': {
    given: '300',
    see: async (given) => (await reap({ given })).tookMs > 250_000,
    without: false,
    with: true,
  },
  '--force': {
    given: '',
    see: async (given) => (await reap({ given, before: ['--ttl', '0'] })).code,
    without: 2,
    with: 0,
  },
  '--json': {
    given: '',
    see: async (given) => (await reap({ given, before: ownerIsDead })).stdout.startsWith('{'),
    without: false,
    with: true,
  },
};
