/** `stopOnExit` and the child that it uses, inside of this process: what is decided when. How processes end is in test/lifecycle. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { dispose } from '../../src/disposal.ts';
import { OctaAbortError, OctaClient } from '../../src/index.ts';
import { type StopOnExitOptions, stopOnExit } from '../../src/node/index.ts';
import { type ExitEntry, Exits } from '../../src/node/leases/exits.ts';
import { described, Inbox, lineOf, type Message, named, type Setup } from '../../src/node/leases/messages.ts';
import { reapOpen } from '../../src/node/leases/reaping.ts';
import { type Built, buildPrograms } from '../support/built.ts';
import { eventually, openMarket, processesOf, startProgram } from '../support/exits/run.ts';

const order = { node_id: 9010, disk_size: 10, image: 'ubuntu:24.04' };
/** A signal without other listeners. */
const signal = 'SIGUSR2';

let written: string[];
vi.mock('node:fs', { spy: true });

beforeEach(async () => {
  written = [];
  const { writeSync } = await import('node:fs');
  vi.mocked(writeSync).mockImplementation((_, text) => written.push(String(text)));
  vi.spyOn(process, 'kill').mockReturnValue(true);
  vi.spyOn(process, 'exit').mockReturnValue(undefined as never);
});
afterEach(() => vi.restoreAllMocks());

function emit(name: string): void {
  process.emit(name as 'exit', 0);
}

describe('Exits', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  const session = { leaseId: 'l', uuid: 'u-1', service: 'mr', nodeId: 1, ageMs: 0, isStopped: false } as const;

  function entry(overrides: Partial<ExitEntry> = {}) {
    const calls: string[] = [];
    let open: readonly (typeof session)[] = [session];
    const whole: ExitEntry = {
      signals: [signal],
      open: () => open,
      end: async () => {
        calls.push('end');
        open = [];
      },
      endNow: () => void calls.push('endNow'),
      leave: () => void calls.push('leave'),
      ...overrides,
    };
    return { whole, calls };
  }

  test('A signal stops the sessions, and is raised again without a listener.', async () => {
    const { whole, calls } = entry();
    new Exits().add(whole);
    emit(signal);
    await vi.waitFor(() => expect(process.kill).toHaveBeenCalledWith(process.pid, signal));
    expect(calls).toEqual(['end', 'leave']);
    expect(process.listenerCount(signal)).toBe(0);
    expect(written).toEqual([`octaspace: ${signal}: stopping 1 session …\n`]);
  });

  test('Errors of the SDK are ignored while a signal ends the process; others end it as ever.', async () => {
    const error = vi.spyOn(console, 'error').mockReturnValue();
    let finish: () => void = () => undefined;
    const { whole } = entry({
      end: () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    });
    const before = process.listeners('uncaughtException');
    new Exits().add(whole);
    emit(signal);
    const [listener = expect.fail()] = process.listeners('uncaughtException').filter((each) => !before.includes(each));
    listener(new OctaAbortError({ message: 'rent: the client was closed' }), 'unhandledRejection');
    expect(process.exit).not.toHaveBeenCalled();
    const wrong = new TypeError('wrong');
    listener(wrong, 'uncaughtException');
    expect(error).toHaveBeenCalledWith(wrong);
    expect(process.exit).toHaveBeenCalledWith(1);
    finish();
    await vi.waitFor(() => expect(process.kill).toHaveBeenCalledWith(process.pid, signal));
    expect(process.listeners('uncaughtException')).toEqual(before);
  });

  test('A signal with another listener is not raised again.', async () => {
    const { whole, calls } = entry();
    const takeBack = new Exits().add(whole);
    const listener = () => undefined;
    process.on(signal, listener);
    emit(signal);
    await vi.waitFor(() => expect(calls).toEqual(['end']));
    await new Promise(setImmediate);
    process.removeListener(signal, listener);
    expect(process.kill).not.toHaveBeenCalled();
    takeBack();
    takeBack();
    expect(calls).toEqual(['end', 'leave']);
  });

  test('A second signal within a second counts as the same one; later, it ends the process immediately.', async () => {
    const { whole } = entry({ end: () => new Promise(() => undefined) });
    new Exits().add(whole);
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    emit(signal);
    now = 900;
    emit(signal);
    expect(process.kill).not.toHaveBeenCalled();
    now = 1_100;
    emit(signal);
    expect(process.kill).toHaveBeenCalledOnce();
    expect(written.at(-1)).toBe('octaspace: these may still run and cost money: session u-1\n');
  });

  test('The first process of a container exits, because raising the signal does nothing there.', async () => {
    const { whole } = entry();
    vi.spyOn(process, 'pid', 'get').mockReturnValue(1);
    new Exits().add(whole);
    emit(signal);
    await vi.waitFor(() => expect(process.exit).toHaveBeenCalledWith(128 + 12));
  });

  test('An empty event loop stops the sessions, and exits if that fails.', async () => {
    const failing = entry({ end: async () => undefined });
    const takeBack = new Exits().add(failing.whole);
    emit('beforeExit');
    emit('beforeExit');
    await vi.waitFor(() => expect(process.exit).toHaveBeenCalledOnce());
    takeBack();
    const { whole, calls } = entry();
    const takeOtherBack = new Exits().add(whole);
    emit('beforeExit');
    await vi.waitFor(() => expect(calls).toEqual(['end']));
    emit('beforeExit');
    expect(calls).toEqual(['end']);
    takeOtherBack();
    expect(process.exit).toHaveBeenCalledOnce();
  });

  test('At exit, the sessions are stopped while the process waits.', () => {
    const { whole, calls } = entry();
    const takeBack = new Exits().add(whole);
    emit('exit');
    expect(calls).toEqual(['endNow', 'leave']);
    takeBack();
  });

  test('A closed terminal does not prevent the stops.', async () => {
    const { writeSync } = await import('node:fs');
    vi.mocked(writeSync).mockImplementation(() => {
      throw new Error('EIO');
    });
    const { whole, calls } = entry();
    new Exits().add(whole);
    emit(signal);
    await vi.waitFor(() => expect(calls).toContain('end'));
  });
});

describe('stopOnExit', () => {
  test.each<[options: unknown, message: string]>([
    [{ signal: 'SIGTERM' }, 'unknown option "signal" for stopOnExit; did you mean signals?'],
    [{ signals: 'SIGTERM' }, 'signals of stopOnExit must be an array of signals'],
    [{ signals: ['SIGKILL'] }, 'signals of stopOnExit must be an array of signals'],
    [{ timeoutMs: 0 }, 'timeoutMs of stopOnExit must be a number of milliseconds above 0'],
    [{ reaper: 1 }, 'reaper of stopOnExit must be true or false'],
  ])('refuses %j.', (options, message) => {
    expect(() => stopOnExit(new OctaClient(), options as StopOnExitOptions)).toThrow(message);
  });

  test.each([undefined, {}, 'client'])('refuses %j in place of a client.', (client) => {
    expect(() => stopOnExit(client as unknown as OctaClient)).toThrow('stopOnExit needs an OctaClient or OctaCore');
  });

  describe('without its program', () => {
    test('the reaper is refused, and sessions that keep running at exit are named.', async () => {
      const cwd = vi.spyOn(process, 'cwd').mockReturnValue('/nowhere');
      expect(() => stopOnExit(new OctaClient(), { reaper: true })).toThrow('do not bundle this package');
      await using market = await openMarket();
      const client = new OctaClient({ apiKey: 'key', baseUrl: market.url });
      using _ = stopOnExit(client);
      cwd.mockRestore();
      const { uuid } = await client.services.mr.start(order);
      emit('exit');
      expect(written.join('')).toMatch(new RegExp(`stopping session ${uuid} …\\n.*reaper\\.js .* is missing`));
    });
  });

  describe('with its program', () => {
    let built: Built;
    let folder: string;
    beforeAll(async () => {
      built = await buildPrograms();
      folder = mkdtempSync(join(tmpdir(), 'octaspace-installed-'));
      const installed = join(folder, 'node_modules/@octaspace/sdk');
      mkdirSync(installed, { recursive: true });
      writeFileSync(join(installed, 'package.json'), '{}');
      symlinkSync(built.folder, join(installed, 'dist'));
    });
    beforeEach(() => void vi.spyOn(process, 'cwd').mockReturnValue(folder));
    const reapers = () => processesOf({ folder });
    afterAll(async () => {
      await built[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    });

    test.each([
      ['a key', 'key'],
      ['a function that gives the key later', async () => 'key'],
    ])('with %s, a child stops the running sessions at exit.', async (_, apiKey) => {
      // This process waits for the child, so the server must be another one.
      const mock = startProgram(built.path('cli'), ['mock', '--port', '0', '--quiet'], {});
      await eventually(() => mock.stdout().includes('listens'), 'the server');
      const baseUrl = /http:\S+?(?=;)/.exec(mock.stdout())?.[0];
      const client = new OctaClient({ apiKey, baseUrl });
      const watch = stopOnExit(client);
      const [machine] = await client.services.mr.available();
      await client.services.mr.start({ ...order, node_id: machine?.node_id ?? 0 });
      emit('exit');
      expect(await client.sessions.list()).toEqual([]);
      mock.child.kill();
      await mock.closed;
      watch[dispose]();
    });

    test('the reaper gets each session, and stops them if it is not dismissed.', async () => {
      await using market = await openMarket();
      let key = 'first';
      const client = new OctaClient({ apiKey: () => key, baseUrl: market.url });
      const watch = stopOnExit(client, { reaper: true });
      const one = await client.services.mr.start(order);
      key = 'second';
      await client.services.mr.start({ ...order, node_id: 9011 });
      await one.stop({ verify: true });
      const [reaper] = reapers();
      expect(reaper).toBeDefined();
      watch[dispose]();
      await eventually(() => reapers().length === 0, 'the end of the reaper');
      expect(market.running()).toHaveLength(1);
      await client.close({ stopSessions: true });
    });

    test('a killed reaper is reported once.', async () => {
      vi.mocked(process.kill).mockRestore();
      const watch = stopOnExit(new OctaClient({ apiKey: 'key' }), { reaper: true });
      await eventually(() => reapers().length === 1, 'the reaper');
      process.kill(reapers()[0]?.pid ?? 0, 'SIGKILL');
      await eventually(() => written.length > 0, 'the report');
      expect(written).toEqual([
        'octaspace: the reaper has exited, so the sessions keep running if this process is killed\n',
      ]);
      watch[dispose]();
    });
  });

  test('The sessions of a closed client are named if no child can stop them.', async () => {
    vi.spyOn(process, 'cwd').mockReturnValue('/nowhere');
    await using market = await openMarket();
    const client = new OctaClient({ apiKey: 'key', baseUrl: market.url });
    stopOnExit(client, { signals: [signal], timeoutMs: 300 });
    const { uuid } = await client.services.mr.start(order);
    await client.close();
    emit(signal);
    // Nobody dies of the signal here, so that it takes the exit after it.
    await vi.waitFor(() => expect(process.exit).toHaveBeenCalledWith(128 + 12), 5_000);
    expect(written.join('')).toContain(`not proven over: session ${uuid}`);
  });

  test('An error of the apiKey function is not reported here, but by calls of the API.', () => {
    const fail = (): never => {
      throw new Error('no key');
    };
    using _ = stopOnExit(new OctaClient({ apiKey: fail }));
    using __ = stopOnExit(new OctaClient({ apiKey: async () => fail() }));
  });
});

describe('The child', () => {
  const open = { service: 'mr', nodeId: 9010, ageMs: 0, isStopped: false } as const;

  function inboxOf(...messages: readonly Message[]): Inbox {
    const inbox = new Inbox();
    const text = messages.map(lineOf).join('');
    // In pieces, as a pipe gives them; what is cut off at the end is nothing.
    for (const piece of `${text}{"open":{"uu`.match(/.{1,7}/gs) ?? []) inbox.take(piece);
    return inbox;
  }

  function setupOf(baseUrl: string, overrides: Partial<Setup> = {}): Setup {
    const rest = {
      headers: {},
      variable: 'OCTA_LEASE_ID',
      mode: 'once',
      withinMs: 5_000,
      quietAfterMs: 30_000,
    } as const;
    return { owner: 'process 1', baseUrls: [baseUrl], ...rest, ...overrides };
  }

  test('has the open sessions, the key, and whether it was dismissed.', () => {
    const inbox = inboxOf(
      { key: 'k' },
      { open: { ...open, leaseId: 'a', uuid: 'U-1' } },
      { open: { ...open, leaseId: 'b' } },
      { closed: 'u-1' },
      { bye: true },
    );
    expect([...inbox.open.keys()]).toEqual(['start b']);
    expect(inbox).toMatchObject({ key: 'k', isDismissed: true });
  });

  test('describes what is open.', () => {
    const session = { ...open, leaseId: 'a', uuid: 'u-1' };
    const start = { ...open, leaseId: 'b' };
    expect(described([session])).toBe('1 session');
    expect(described([session, session, start])).toBe('2 sessions and 1 start without a response');
    expect([session, start].map(named)).toEqual(['session u-1', 'start b on node 9010']);
  });

  test.each(['once', 'watch'] as const)('stops sessions, and finds those of starts: %s.', async (mode) => {
    await using market = await openMarket();
    const known = market.startForeign({ node_id: 9010, atMs: -100_000 });
    const late = market.startForeign({ node_id: 9010, envs: { OCTA_LEASE_ID: 'lost' }, lags: { listLagMs: 700 } });
    const other = market.startForeign({ node_id: 9010, atMs: -100_000 });
    const said: string[] = [];
    const inbox = inboxOf(
      { setup: setupOf(market.url, { mode }) },
      { key: 'key' },
      { open: { ...open, leaseId: 'known', uuid: known.uuid, ageMs: 100_000 } },
      { open: { ...open, leaseId: 'lost' } },
    );
    expect(await reapOpen(inbox, (text) => said.push(text))).toBe(true);
    expect(market.running()).toEqual([other.uuid]);
    expect(said.sort()).toEqual([
      `found session ${late.uuid} of start lost; stopping it`,
      `stopped session ${known.uuid}`,
    ]);
  });

  test('names what it could not stop, or find, in its time.', async () => {
    await using market = await openMarket({
      switches: { stopDelayMs: Number.POSITIVE_INFINITY, stopEffect: 'answer' },
    });
    const { uuid } = market.startForeign({ node_id: 9010, atMs: -100_000 });
    const late = market.startForeign({ node_id: 9010, envs: { OCTA_LEASE_ID: 'late' } });
    const said: string[] = [];
    const setup = setupOf(market.url, { withinMs: 1_200 });
    const inbox = inboxOf(
      { setup },
      { key: 'key' },
      { open: { ...open, leaseId: 'a', uuid } },
      { open: { ...open, leaseId: 'late' } },
    );
    expect(await reapOpen(inbox, (text) => said.push(text))).toBe(false);
    expect(said).toEqual([
      `found session ${late.uuid} of start late; stopping it`,
      expect.stringContaining(`session ${uuid} could not be stopped and may still cost money: `),
    ]);
    const others = inboxOf(
      { setup },
      { key: 'key' },
      { open: { ...open, leaseId: 'gone' } },
      { open: { ...open, leaseId: 'relay', service: 'vpn' } },
      { open: { ...open, leaseId: 'old', ageMs: 100_000 } },
    );
    said.length = 0;
    expect(await reapOpen(others, (text) => said.push(text))).toBe(false);
    expect(said).toEqual([
      'start relay on node 9010 carries no mark, so its session cannot be found; check the active sessions',
      'the outcome of start gone on node 9010 is unknown; check the active sessions',
    ]);
  });

  test('says why a session could not be stopped.', async () => {
    await using market = await openMarket();
    market.fail('stop', 403, 99);
    const { uuid } = market.startForeign({ node_id: 9010, atMs: -100_000 });
    const said: string[] = [];
    const setup = setupOf(market.url, { mode: 'watch', withinMs: 1_500 });
    const inbox = inboxOf({ setup }, { key: 'key' }, { open: { ...open, leaseId: 'a', uuid } });
    expect(await reapOpen(inbox, (text) => said.push(text))).toBe(false);
    expect(said.join()).toMatch(new RegExp(`^session ${uuid} could not be stopped and may still cost money: `));
  });

  test('has nothing to do without anything open.', async () => {
    expect(await reapOpen(inboxOf({ key: 'k' }), () => undefined)).toBe(true);
  });
});
