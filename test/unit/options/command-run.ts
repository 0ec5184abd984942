/** What each option of `octaspace run` changes. */
import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseOcta } from '../../../src/index.ts';
import { type MachineInit, OctaSimulator, type SimulatedCommand } from '../../../src/testing/index.ts';
import { start } from '../cli/console.ts';
import type { Behaviours } from './behaviour.ts';

/** Options of a command as they are written, with a text, or none for a switch. */
type Given<Name extends string> = { readonly [Each in Name]?: string };

interface Run {
  readonly given: Given<string>;
  readonly before?: readonly string[];
  readonly machine?: Partial<MachineInit>;
  readonly neverReady?: boolean;
  /** Whether time is real, as for files. */
  readonly isReal?: boolean;
  readonly command?: SimulatedCommand;
}

const usual = ['--yes', '--max-spend', '2'];

/** Runs a job on a market of two machines, the cheaper of which is number 1. */
async function run({ given, before = usual, machine, neverReady, isReal = false, command }: Run) {
  const machines = [
    { node_id: 1, gpu: 'NVIDIA GeForce RTX 4090', country: 'Poland', priceWeiPerHour: parseOcta('1') },
    { node_id: 2, gpu: 'NVIDIA GeForce RTX 4090', country: 'Poland', priceWeiPerHour: parseOcta('2'), ...machine },
  ];
  const simulator = new OctaSimulator({
    latencyMs: 0,
    readyAfterMs: 0,
    speed: isReal ? 1 : 0,
    quirks: false,
    machines,
  });
  if (command !== undefined) simulator.machine(1).job(command);
  if (neverReady) simulator.machine(1).neverReady();
  const words = Object.entries(given).flatMap(([name, text = '']) => (text === '' ? [name] : [name, text]));
  const io = { env: { OCTA_API_KEY: 'key' }, fetch: simulator.fetch };
  const ended = await start(['run', ...before, ...words, '--', 'echo', 'here'], io).ended;
  const [session] = simulator.sessions;
  const ranMs = Number(session?.finishedAt) - Number(session?.startedAt);
  const sent = simulator.requests.find(({ operation }) => operation === 'startMr')?.body ?? '';
  return { ...ended, node: session?.node_id, ranMs, spent: simulator.spent, sent: JSON.stringify(sent) };
}

/** A command that prints nothing for so long. Unit: ms. */
function silent(ms: number): SimulatedCommand {
  return async function* (_, { sleep }) {
    await sleep(ms);
    yield 'done';
    return 0;
  };
}

const ledger = join(tmpdir(), `octaspace-run-${process.pid}`);

export const runBehaviours: Behaviours<
  Given<
    | '--max-spend'
    | '--max-minutes'
    | '--max-usd-per-hour'
    | '--gpu'
    | '--vram'
    | '--country'
    | '--image'
    | '--disk'
    | '--env'
    | '--file'
    | '--result'
    | '--ready-minutes'
    | '--idle-minutes'
    | '--ledger'
    | '--yes'
    | '--simulate'
    | '--json'
  >
> = {
  '--max-spend': {
    given: '0.01',
    see: async (given) => {
      const { spent } = await run({ given, before: ['--yes', '--max-minutes', '5'], command: silent(3_600_000) });
      return spent <= parseOcta('0.01');
    },
    without: false,
    with: true,
  },
  '--max-minutes': {
    given: '2',
    see: async (given) => (await run({ given, command: silent(600_000) })).ranMs < 150_000,
    without: false,
    with: true,
  },
  '--max-usd-per-hour': {
    given: '1',
    see: async (given) =>
      (await run({ given, machine: { priceWeiPerHour: parseOcta('20') } })).stderr.includes('1 other machine'),
    without: true,
    with: false,
  },
  '--gpu': {
    given: '5090',
    see: async (given) => (await run({ given, machine: { gpu: 'NVIDIA GeForce RTX 5090' } })).node,
    without: 1,
    with: 2,
  },
  '--vram': {
    given: '40',
    see: async (given) => (await run({ given, machine: { mem_total_mb: 40_000 } })).node,
    without: 1,
    with: 2,
  },
  '--country': {
    given: 'DE',
    see: async (given) => (await run({ given, machine: { country: 'Germany' } })).node,
    without: 1,
    with: 2,
  },
  '--image': {
    given: 'alpine:3',
    see: async (given) => (await run({ given })).sent.includes('alpine:3'),
    without: false,
    with: true,
  },
  '--disk': {
    given: '30',
    see: async (given) => /disk_size\W+(\d+)/.exec((await run({ given })).sent)?.[1],
    without: '20',
    with: '30',
  },
  '--env': {
    given: 'MODE=fast',
    see: async (given) => /MODE\W+fast/.test((await run({ given })).sent),
    without: false,
    with: true,
  },
  '--file': {
    given: 'package.json',
    see: async (given) => {
      let names: string[] = [];
      await run({
        given,
        command: async function* (command, { files }) {
          yield command;
          names = [...files.keys()];
          return 0;
        },
      });
      return names;
    },
    without: [],
    with: ['package.json'],
  },
  '--result': {
    given: 'no-such-file',
    see: async (given) => (await run({ given })).stderr.includes('result "no-such-file" was not received'),
    without: false,
    with: true,
  },
  '--ready-minutes': {
    given: '1',
    see: async (given) => (await run({ given, neverReady: true })).ranMs < 120_000,
    without: false,
    with: true,
  },
  '--idle-minutes': {
    given: '1',
    see: async (given) => (await run({ given, command: silent(300_000) })).code,
    without: 0,
    with: 125,
  },
  '--ledger': {
    given: ledger,
    see: async (given) => {
      let files = 0;
      await run({
        given,
        isReal: true,
        command: async function* (command) {
          files = (await readdir(ledger).catch(() => [])).filter((name) => name.startsWith('lease.')).length;
          yield command;
          return 0;
        },
      });
      await rm(ledger, { recursive: true, force: true });
      return files;
    },
    without: 0,
    with: 1,
  },
  '--yes': {
    given: '',
    see: async (given) => (await run({ given, before: ['--max-spend', '2'] })).code,
    without: 2,
    with: 0,
  },
  '--simulate': {
    given: '',
    see: async (given) => (await run({ given })).stdout,
    without: "$ 'echo' 'here'\n",
    with: 'here\n',
  },
  '--json': {
    given: '',
    see: async (given) => (await run({ given })).stdout.startsWith('{"event":"quote",'),
    without: false,
    with: true,
  },
};
