/** Every program of examples/, run as it is, each against a simulator of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { OperationId } from '../../generated/operations.ts';
import { formatOcta, OctaClient, parseOcta } from '../../src/index.ts';
import {
  type FaultMatch,
  OctaSimulator,
  type OctaSimulatorOptions,
  type RecordedRequest,
} from '../../src/testing/index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'octa-examples-'));
afterAll(() => rmSync(folder, { recursive: true }));

const apiKey = 'key-of-the-examples';
/** Virtual seconds in a real one. */
const speed = 30;

function simulate(options: OctaSimulatorOptions = {}): OctaSimulator {
  return new OctaSimulator({ apiKey, speed, ...options });
}

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** When Ctrl-C is pressed: when it has said something, or when a request of it was answered. */
type Moment = { readonly said: string } | { readonly asked: OperationId };

interface Run {
  readonly simulator: OctaSimulator;
  readonly given?: readonly string[];
  readonly interruptWhen?: Moment;
  /** API key of the environment; none if it is empty. */
  readonly key?: string;
  /** Called with what it has printed, whenever it prints. */
  readonly onOutput?: (stdout: string) => void;
}

/** What a process says, and how it ends. */
async function endOf(child: ChildProcess, onOutput: (stdout: string) => void): Promise<Ended> {
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text) => {
      said[name] += text;
      onOutput(said.stdout);
    });
  }
  const [code, signal] = await once(child, 'close');
  return { code: code ?? signal, ...said };
}

/** Runs an example to its end. */
async function run(
  example: string,
  { simulator, given = [], interruptWhen, key = apiKey, onOutput }: Run,
): Promise<Ended> {
  const moment = { said: undefined, asked: undefined, ...interruptWhen };
  let child: ChildProcess | undefined;
  const onRequest = ({ operation }: RecordedRequest) => {
    if (operation !== undefined && operation === moment.asked) child?.kill('SIGINT');
  };
  await using server = await simulator.listen({ onRequest });
  const keys = key === '' ? {} : { OCTA_API_KEY: key };
  const env = { PATH: process.env.PATH, NODE_NO_WARNINGS: '1', TMPDIR: folder, OCTA_BASE_URL: server.url, ...keys };
  const command = ['--import', 'tsx', join('examples', example), ...given];
  const running = spawn(process.execPath, command, { cwd: root, env, timeout: 60_000, killSignal: 'SIGKILL' });
  child = running;
  const ended = await endOf(running, (stdout) => {
    onOutput?.(stdout);
    if (moment.said !== undefined && stdout.includes(moment.said)) running.kill('SIGINT');
  });
  expect(ended.stdout + ended.stderr).not.toContain(apiKey);
  return ended;
}

/** Starts sessions before an example runs, as another program would. */
async function startOn(simulator: OctaSimulator, node_id: number): Promise<string> {
  const client = new OctaClient({ apiKey, fetch: simulator.fetch });
  const session = await client.services.mr.start({ node_id, disk_size: 20, image: 'ubuntu:24.04' });
  return session.uuid;
}

const machines = [
  { node_id: 1, gpu: 'NVIDIA GeForce RTX 3060', totalPriceUsd: 0.1 },
  { node_id: 2, gpu: 'NVIDIA GeForce RTX 4090', gpus: 1, totalPriceUsd: 0.4 },
  { node_id: 3, gpu: 'NVIDIA GeForce RTX 4090', gpus: 2, totalPriceUsd: 0.3 },
];

/** What stopOnExit says after Ctrl-C. */
const stopping: unknown = expect.stringMatching(/^octaspace: SIGINT: stopping .+ …\n$/);

type Cases = Readonly<Record<string, () => Promise<void>>>;

const rentGpu: Cases = {
  'rents the cheapest that does not refuse, and says exactly what it cost': async () => {
    const simulator = simulate({ machines });
    simulator.fail('startMr', { refuse: 'Node is busy' });
    const given = ['--gpu', '4090', '--seconds', '2'];
    const { code, stdout, stderr } = await run('rent-gpu.ts', { simulator, given });
    expect({ code, stderr, running: simulator.running }).toEqual({ code: 0, stderr: '', running: [] });
    const lines = stdout.split('\n');
    expect(lines.slice(0, 3)).toEqual([
      '2 machines; the cheapest:',
      expect.stringMatching(/^ {2}node 3: 2 x NVIDIA GeForce RTX 4090 in .+, 0\.3 USD per hour$/),
      expect.stringMatching(/^ {2}node 2: 1 x NVIDIA GeForce RTX 4090 in .+, 0\.4 USD per hour$/),
    ]);
    const steps = lines.flatMap((line) => /^\d+ s: (.+)/.exec(line)?.[1] ?? []);
    expect(steps.slice(0, 3)).toEqual(['starting node 3', 'refused node 3', 'starting node 2']);
    expect(steps.at(-1)).toBe('ready service configured');
    expect(stdout).toMatch(/^ready: ssh -p \d+ root@198\.51\.100\.\d+$/m);
    expect(stdout).toMatch(/^container: step 2: ok$/m);
    expect(stdout).toMatch(/^\d+\.\d+ OCTA for \d+ s$/m);
    const [session] = simulator.sessions;
    expect(lines.at(-2)).toBe(`stopped: ${formatOcta(session?.chargeWei ?? 0n)} OCTA in all`);
    expect(session).toMatchObject({ node_id: 2, state: 'ended' });
  },
  'stops what it has started when it is interrupted before it is ready': async () => {
    const simulator = simulate({ readyAfterMs: 3_600_000 });
    const { code, stdout, stderr } = await run('rent-gpu.ts', { simulator, interruptWhen: { said: 'waiting' } });
    expect({ code, stderr, running: simulator.running }).toEqual({ code: 'SIGINT', stderr: stopping, running: [] });
    expect(stdout).not.toContain('ready');
    expect(simulator.sessions.map(({ state }) => state)).toEqual(['ended']);
  },
  'stops the session when it is interrupted while it is used': async () => {
    const simulator = simulate({ readyAfterMs: 0 });
    const { code, stdout, stderr } = await run('rent-gpu.ts', { simulator, interruptWhen: { said: 'container:' } });
    expect({ code, stderr, running: simulator.running }).toEqual({ code: 'SIGINT', stderr: stopping, running: [] });
    expect(stdout).not.toMatch(/^stopped/m);
    expect(simulator.sessions.map(({ state }) => state)).toEqual(['ended']);
  },
  'says so when no such machine is free': async () => {
    const simulator = simulate({ machines });
    const { code, stderr } = await run('rent-gpu.ts', { simulator, given: ['--gpu', 'H100'] });
    expect(code).toBe(1);
    expect(stderr).toContain('Error: no matching machine is free');
    expect(simulator.sessions).toEqual([]);
  },
};

const wireguard =
  /^\[Interface\]\nPrivateKey = \S+\n(?:.+\n)+\n\[Peer\]\nPublicKey = \S+\n(?:.+\n)*Endpoint = \S+:\d+\n/;

/** A file as it was when an example named it: its text, and who may read it and its folder. */
interface Seen {
  readonly path: string;
  readonly text: string;
  readonly modes: readonly string[];
}

/** Looks at the configuration as long as the session is open. */
function watchFile(): { readonly onOutput: (stdout: string) => void; readonly seen: Seen[] } {
  const seen: Seen[] = [];
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
  const onOutput = (stdout: string) => {
    const path = /^(\S+\.conf) connects through /m.exec(stdout)?.[1];
    if (path === undefined || seen.length > 0) return;
    seen.push({ path, text: readFileSync(path, 'utf8'), modes: [modeOf(path), modeOf(dirname(path))] });
  };
  return { onOutput, seen };
}

const vpnWireguard: Cases = {
  'writes the configuration where only its owner can read it, and removes it when it closes the session after a while':
    async () => {
      const relays = [{ node_id: 7, country: 'Poland', country_iso: 'PL' }, { node_id: 8 }];
      // In real time, so that the file is there when its name has been read.
      const simulator = simulate({ relays, readyAfterMs: 0, speed: undefined });
      const { onOutput, seen } = watchFile();
      const given = ['--country', 'PL', '--seconds', '1'];
      const { code, stdout, stderr } = await run('vpn-wireguard.ts', { simulator, given, onOutput });
      expect({ code, stderr, running: simulator.running }).toEqual({ code: 0, stderr: '', running: [] });
      expect(stdout).toMatch(
        /^\S+octa\.conf connects through 198\.51\.100\.\d+, .+, Poland; .+\n(?:\d+ bytes down, \d+ bytes up, 0(?:\.\d+)? OCTA\n)+closed\n$/,
      );
      expect(seen).toMatchObject([{ text: expect.stringMatching(wireguard), modes: ['600', '700'] }]);
      expect(seen[0]?.path.startsWith(folder)).toBe(true);
      expect(existsSync(dirname(seen[0]?.path ?? ''))).toBe(false);
      expect(simulator.sessions.map(({ service, node_id }) => [service, node_id])).toEqual([['vpn', 7]]);
    },
  'stops what it has started when it is interrupted before it is ready': async () => {
    const simulator = simulate({ readyAfterMs: 3_600_000 });
    const file = join(folder, 'early.conf');
    const { code, stdout, stderr } = await run('vpn-wireguard.ts', {
      simulator,
      given: ['--file', file],
      interruptWhen: { asked: 'getSessionInfo' },
    });
    expect({ code, stderr, running: simulator.running }).toEqual({ code: 'SIGINT', stderr: stopping, running: [] });
    expect(stdout).toBe('');
    expect(existsSync(file)).toBe(false);
    expect(simulator.sessions.map(({ state }) => state)).toEqual(['ended']);
  },
  'closes the session when it is interrupted, and removes the file; an older one, which others may read, makes way':
    async () => {
      const simulator = simulate({ readyAfterMs: 0 });
      const file = join(folder, 'open.conf');
      writeFileSync(file, 'an older configuration', { mode: 0o644 });
      const { onOutput, seen } = watchFile();
      const { code, stdout, stderr } = await run('vpn-wireguard.ts', {
        simulator,
        given: ['--file', file],
        interruptWhen: { said: ' OCTA\n' },
        onOutput,
      });
      expect({ code, stderr, running: simulator.running }).toEqual({ code: 0, stderr: stopping, running: [] });
      expect(stdout).toContain(' OCTA\n');
      expect(seen).toMatchObject([{ path: file, text: expect.stringMatching(wireguard), modes: ['600', '700'] }]);
      expect(existsSync(file)).toBe(false);
    },
};

/** In real time, for a guard reckons with it. */
function expensive(): OctaSimulator {
  return simulate({
    speed: undefined,
    balanceWei: parseOcta('1000'),
    machines: [
      { node_id: 1, priceWeiPerHour: parseOcta('30') },
      { node_id: 2, priceWeiPerHour: parseOcta('60') },
    ],
  });
}

const costGuard: Cases = {
  'stops each session just before it costs too much, whatever its price': async () => {
    const simulator = expensive();
    // 5 OCTA are spent after 600 s on one machine and after 300 s on the other.
    await startOn(simulator, 1);
    await simulator.advance(302_000);
    await startOn(simulator, 2);
    await simulator.advance(290_000);
    const { code, stdout, stderr } = await run('cost-guard.ts', { simulator, given: ['--max-octa', '5', '--once'] });
    expect({ code, stderr, running: simulator.running }).toEqual({ code: 0, stderr: '', running: [] });
    const [cheap, dear] = simulator.sessions.map(({ uuid }) => uuid);
    expect(stdout).toContain(`${cheap}: mr on node 1 is guarded\n${dear}: mr on node 2 is guarded\n`);
    for (const uuid of [cheap, dear]) {
      expect(stdout).toMatch(new RegExp(`^${uuid}: spend; last known charge: (?:4\\.9\\d*|5) OCTA$`, 'm'));
    }
    for (const { chargeWei } of simulator.sessions) {
      expect(chargeWei).toBeGreaterThan(parseOcta('4.9'));
      expect(chargeWei).toBeLessThanOrEqual(parseOcta('5'));
    }
  },
  'guards the others when one session cannot be stopped, and goes on trying': async () => {
    const simulator = expensive();
    const [stuck, other] = [await startOn(simulator, 1), await startOn(simulator, 2)];
    await simulator.advance(60_000);
    const isStuck: FaultMatch = ({ operation, path }) => operation === 'stopSession' && path.includes(stuck);
    simulator.fail(isStuck, { status: 403 }, Number.POSITIVE_INFINITY);
    const given = ['--max-octa', '0.1', '--once'];
    const { code, stdout } = await run('cost-guard.ts', {
      simulator,
      given,
      interruptWhen: { said: ': spend; last known charge: ' },
    });
    expect({ code, running: simulator.running }).toEqual({ code: 0, running: [stuck] });
    expect(stdout).toContain(`${other}: spend; last known charge: `);
    expect(stdout).toContain(`${stuck}: released; last known charge: `);
  },
  'lets the sessions go on when it is interrupted': async () => {
    const simulator = expensive();
    const uuids = [await startOn(simulator, 1), await startOn(simulator, 2)];
    const interruptWhen = { asked: 'getSessionInfo' } as const;
    const { code, stdout, stderr } = await run('cost-guard.ts', { simulator, interruptWhen });
    expect({ code, stderr, running: simulator.running }).toEqual({ code: 0, stderr: '', running: uuids });
    for (const uuid of uuids) expect(stdout).toContain(`${uuid}: released; last known charge: `);
  },
  'goes on when a later list fails, until the API refuses the key; then it ends, and the sessions run on': async () => {
    const simulator = expensive();
    const uuid = await startOn(simulator, 1);
    let lists = 0;
    const isNth = (nth: number): FaultMatch => {
      return ({ operation, path }) => operation === 'listSessions' && path === '/sessions' && lists === nth;
    };
    simulator.fail(({ operation }) => operation === 'listSessions' && ++lists < 0, { delayMs: 0 });
    simulator.fail(isNth(2), { status: 400, body: { error: 'not now' } });
    simulator.fail(isNth(3), { status: 401 });
    const { code, stdout, stderr } = await run('cost-guard.ts', { simulator, given: ['--every', '0.01'] });
    expect({ code, running: simulator.running }).toEqual({ code: 1, running: [uuid] });
    expect(stdout).toMatch(new RegExp(`^${uuid}: mr on node 1 is guarded\n${uuid}: released; last known charge: `));
    expect(stderr).toMatch(/^\w+: listSessions: 400: not now\nOCTA_API_KEY is missing or wrong: listSessions: 401/);
  },
  'refuses a limit that allows nothing': async () => {
    const given = ['--max-octa', '0'];
    const { code, stdout, stderr } = await run('cost-guard.ts', { simulator: simulate(), given });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe('Error: --max-octa is "0"; allowed: a number above 0\n');
  },
  'has nothing to do without sessions': async () => {
    const ended = await run('cost-guard.ts', { simulator: simulate(), given: ['--once'] });
    expect(ended).toEqual({ code: 0, stdout: '', stderr: '' });
  },
};

/** Temperature and disk as a node reports them. */
function system(gpu_temperature: number, used_percent: number) {
  const gpus = [{ model: 'NVIDIA GeForce RTX 4090', mem_total_mb: 24_564, gpu_temperature }];
  return { gpus, disk: { free: 10 ** 11, size: 10 ** 12, used_percent } };
}

const nodeReport: Cases = {
  'says which nodes need a look, and why': async () => {
    const nodes = [
      { id: 1, state: 'idle', fields: { system: system(40, 20) } },
      { id: 2, state: 'offline', fields: { system: system(40, 20) } },
      { id: 3, state: 'busy', fields: { system: system(91, 97) } },
    ];
    const { code, stdout, stderr } = await run('node-report.ts', { simulator: simulate({ nodes }) });
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const failures = / sessions failed \(stability [\d.]+ %\), agent 0\.0\.73$/;
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^node 1: idle, NVIDIA GeForce RTX 4090, up \d+\.\d d$/),
      expect.stringMatching(/^node 2: offline, NVIDIA GeForce RTX 4090, up \d+\.\d d: offline$/),
      expect.stringMatching(/^node 3: busy, .+ d: disk 97 % full; NVIDIA GeForce RTX 4090 at 91 °C$/),
      expect.stringMatching(failures),
      expect.stringMatching(failures),
      '3 nodes, 2 with problems',
      '',
    ]);
  },
  'ends with 0 when all is well, in the country that was asked for': async () => {
    const nodes = [
      { id: 1, state: 'idle', country: 'Germany', country_iso: 'DE', fields: { system: system(40, 20) } },
      { id: 2, state: 'offline', country: 'Poland', country_iso: 'PL' },
    ];
    const { code, stdout } = await run('node-report.ts', {
      simulator: simulate({ nodes }),
      given: ['--country', 'DE'],
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^node 1: .+\n1 nodes, 0 with problems\n$/);
  },
};

const openTelemetry: Cases = {
  'prints a span of each attempt': async () => {
    const simulator = simulate({ machines });
    simulator.fail('getNetwork', { status: 503 });
    const { code, stdout, stderr } = await run('opentelemetry.ts', { simulator });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const spans = [...stdout.matchAll(/^ {2}name: '(.+)'/gm)].map(([, name]) => name);
    expect(spans).toEqual(['GET getNetwork', 'GET getNetwork', 'GET listMrMachines']);
    const statuses = [...stdout.matchAll(/'http\.response\.status_code': (\d+)/g)].map(([, status]) => status);
    expect(statuses).toEqual(['503', '200', '200']);
    expect(stdout).toMatch(/\n3 machines with a GPU; 1 OCTA is 0\.\d+ USD\n$/);
  },
};

const examples: Readonly<Record<string, Cases>> = {
  'cost-guard.ts': costGuard,
  'node-report.ts': nodeReport,
  'opentelemetry.ts': openTelemetry,
  'rent-gpu.ts': rentGpu,
  'vpn-wireguard.ts': vpnWireguard,
};

test('Every example is run here.', () => {
  expect(Object.keys(examples)).toEqual(readdirSync(join(root, 'examples')).sort());
});

test.for(Object.keys(examples))('%s begins with what it does and how to start it.', (example) => {
  const text = readFileSync(join(root, 'examples', example), 'utf8');
  expect(text).toMatch(/^\/\*\*\n \* [A-Z][\s\S]+? \*\/\n/);
  expect(text.split(' */')[0]).toContain(`npx tsx examples/${example}`);
  const imported = [...text.matchAll(/ from '([^']+)'/g)].map(([, name]) => name);
  const entries = ['@octaspace/sdk', '@octaspace/sdk/node', '@octaspace/sdk/otel'];
  const isOurs = (name = ''): boolean => /^(?:\.|@octaspace\/)/.test(name);
  expect(imported.filter((name) => isOurs(name) && !entries.includes(name ?? ''))).toEqual([]);
});

test.concurrent.for([...Object.keys(examples).map((example) => [example, '']), ['cost-guard.ts', 'a-wrong-key']])(
  '%s ends with one line, and starts nothing, with the key %j.',
  async ([example = '', key = '']) => {
    const simulator = simulate({ machines });
    const { code, stdout, stderr } = await run(example, { simulator, key });
    expect({ code, sessions: simulator.sessions }).toEqual({ code: 1, sessions: [] });
    expect(stderr).toMatch(/^OCTA_API_KEY is missing or wrong: \w+(?: needs an API key: .+|: 401: Unauthorized)\n$/);
    expect(stdout + stderr).not.toContain('a-wrong-key');
  },
);

for (const [example, cases] of Object.entries(examples)) {
  for (const [title, check] of Object.entries(cases)) test.concurrent(`${example} ${title}.`, check);
}
