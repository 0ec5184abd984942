/** Ends of a process in the lifecycle matrix: no session outlives it, however it ends. */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lineOf, type Message } from '../../src/node/leases/messages.ts';
import { type Built, buildPrograms } from '../support/built.ts';
import type { Plan } from '../support/exits/program.ts';
import {
  type Ended,
  eventually,
  handlesHangUp,
  openMarket,
  type Program,
  parentOf,
  processesOf,
  programKey,
  startPlan,
  startProgram,
} from '../support/exits/run.ts';
import type { Marketplace, Switches } from '../support/marketplace/index.ts';

let built: Built;
beforeAll(async () => {
  built = await buildPrograms({ program: 'test/support/exits/program.ts' });
});
afterAll(async () => {
  // No program and no child of one is left behind.
  await eventually(() => processesOf(built).length === 0, 'the end of all processes');
  await built[Symbol.asyncDispose]();
});

interface Opened {
  readonly market: Marketplace;
  readonly program: Program;
}

/** A program that is ready for its end. */
async function open(
  plan: Omit<Plan, 'url'>,
  { switches, env }: { readonly switches?: Partial<Switches>; readonly env?: Record<string, string> } = {},
): Promise<Opened & AsyncDisposable> {
  const readyAfterMs = plan.state === 'rent' ? 3_600_000 : 0;
  const market = await openMarket({ switches: { readyAfterMs, ...switches } });
  const program = startPlan(built, { url: market.url, ...plan }, env);
  await eventually(() => market.sessions.length >= (plan.state === 'none' ? 0 : (plan.sessions ?? 1)), 'the start');
  if (plan.state === 'rent') await eventually(() => market.asked('info').length > 0, 'the wait for the session');
  else await eventually(() => program.stdout().includes('ready'), 'the program to be ready');
  if (plan.end !== 'wait' && (plan.state === 'rent' || plan.end === 'worker.terminate'))
    program.child.stdin?.write('now');
  const dispose = async () => {
    program.child.kill('SIGKILL');
    await program.closed;
    await market[Symbol.asyncDispose]();
  };
  return { market, program, [Symbol.asyncDispose]: dispose };
}

/** Waits until the program and its children are gone; nothing may run then. */
async function expectNothingRuns({ market, program }: Opened, count = 1): Promise<Ended> {
  const ended = await program.closed;
  expect({ running: market.running(), stderr: ended.stderr }).toMatchObject({ running: [] });
  expect(market.sessions).toHaveLength(count);
  return ended;
}

const states = ['rent', 'scope', 'guard'] as const;
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The child process that waits for the end of a program. */
function reaperOf({ child }: Program): number | undefined {
  return processesOf(built).find(
    ({ pid, ...given }) => given.arguments.includes('reaper.js') && parentOf(pid) === child.pid,
  )?.pid;
}

// Concurrent, because most of the time is spent waiting for processes.
describe.concurrent('The end of a process', () => {
  describe('row 32: stopOnExit', () => {
    const bySignal = signals.flatMap((signal) => states.map((state) => [signal, state] as const));
    test.each(bySignal)(
      'stops the session on %s in a %s, and the process ends by the signal.',
      async (signal, state) => {
        await using opened = await open({ state, end: 'wait' });
        opened.program.child.kill(signal);
        const ended = await expectNothingRuns(opened);
        expect(ended).toMatchObject({ code: null, signal });
        expect(ended.stderr).toBe(`octaspace: ${signal}: stopping 1 session …\n`);
      },
    );

    test('the process ends by the signal even if the program does not catch the error of its rental.', async () => {
      await using opened = await open({ state: 'rent', end: 'uncaught' });
      opened.program.child.kill('SIGINT');
      const ended = await expectNothingRuns(opened);
      expect(ended).toMatchObject({ code: null, signal: 'SIGINT' });
      expect(ended.stderr).toBe('octaspace: SIGINT: stopping 1 session …\n');
    });

    test('row 33: needs no signal of the caller: SIGINT stops a session that rent returned long before.', async () => {
      await using opened = await open({ state: 'scope', end: 'wait' });
      opened.program.child.kill('SIGINT');
      await expectNothingRuns(opened);
    });

    const endings: [end: Plan['end'], code: number, says: RegExp][] = [
      ['error', 1, /uncaught, on purpose/],
      ['rejection', 1, /unhandled, on purpose/],
      ['process.exit', 3, /^octaspace: the process ends: stopping session \S+ …\noctaspace: stopped session \S+\n$/],
    ];
    const atExit = endings.flatMap(([end, ...rest]) => states.map((state) => [end, state, ...rest] as const));
    test.each(atExit)(
      'stops the session after %s in a %s, and keeps the exit code.',
      async (end, state, code, says) => {
        await using opened = await open({ state, end });
        const ended = await expectNothingRuns(opened);
        expect(ended).toMatchObject({ code, signal: null, stderr: expect.stringMatching(says) });
      },
    );

    const emptied: [end: Plan['end'], state: Plan['state'], code: number][] = [
      ['empty', 'start', 0],
      ['unsettled', 'start', 13],
      ['unsettled', 'scope', 13],
      ['close', 'start', 0],
    ];
    test.each(emptied)('stops the session if the event loop is empty: %s, %s.', async (end, state, code) => {
      await using opened = await open({ state, end });
      const ended = await expectNothingRuns(opened);
      expect(ended).toMatchObject({ code, signal: null });
      expect(ended.stderr).toContain('octaspace: nothing left to do: stopping 1 session …\n');
    });

    test('row 46: does not stop a kept session, and prints nothing.', async () => {
      await using opened = await open({ state: 'kept', end: 'wait' });
      opened.program.child.kill('SIGTERM');
      expect(await opened.program.closed).toMatchObject({ signal: 'SIGTERM', stderr: '' });
      expect(opened.market.running()).toHaveLength(1);
    });

    test('sends nothing if nothing is rented.', async () => {
      await using opened = await open({ state: 'none', end: 'process.exit' });
      expect(await opened.program.closed).toMatchObject({ code: 3, stderr: '' });
      expect(opened.market.requests).toEqual([]);
    });

    test('stops many at once.', async () => {
      await using opened = await open(
        { state: 'start', end: 'wait', sessions: 20 },
        { switches: { stopDelayMs: 500 } },
      );
      const begin = performance.now();
      opened.program.child.kill('SIGTERM');
      await expectNothingRuns(opened, 20);
      expect(performance.now() - begin).toBeLessThan(6_000);
    });

    test('waits for the response to a start in progress, and stops its session.', async () => {
      const market = await openMarket({ switches: { startDelayMs: 1_000 } });
      const program = startPlan(built, { url: market.url, state: 'rent', end: 'wait' });
      await eventually(() => market.sessions.length === 1, 'the start');
      program.child.kill('SIGTERM');
      const ended = await expectNothingRuns({ market, program });
      expect(ended).toMatchObject({ signal: 'SIGTERM' });
      expect(ended.stderr).toMatch(/SIGTERM: stopping 1 start without a response …/);
      await market[Symbol.asyncDispose]();
    });

    test('finds the session of a start in progress at process.exit by its mark.', async () => {
      const switches = { startDelayMs: 60_000, listLagMs: 1_500 };
      const market = await openMarket({ switches });
      const program = startPlan(built, { url: market.url, state: 'rent', end: 'process.exit' });
      await eventually(() => market.sessions.length === 1, 'the start');
      program.child.stdin?.write('now');
      const ended = await expectNothingRuns({ market, program });
      expect(ended).toMatchObject({ code: 3 });
      expect(ended.stderr).toMatch(/found session \S+ of start \S+; stopping it/);
      await market[Symbol.asyncDispose]();
    });
  });

  describe('row 32: the reaper', () => {
    const killed: [end: Plan['end'], state: Plan['state'], nodeFlags?: string][] = [
      ...(['rent', 'scope', 'guard'] as const).map((state): [Plan['end'], Plan['state']] => ['wait', state]),
      ['memory', 'guard', '--max-old-space-size=40'],
      ['abort', 'start'],
    ];
    test.each(killed)('stops the session after a death that cannot be handled: %s, %s.', async (end, state, flags) => {
      const env = flags === undefined ? {} : { NODE_FLAGS: flags };
      await using opened = await open({ state, end, stopOnExit: { reaper: true } }, { env });
      if (end === 'wait') opened.program.child.kill('SIGKILL');
      const ended = await expectNothingRuns(opened);
      expect(ended.stderr).toMatch(/octaspace: process \d+ died: stopping 1 session …/);
    });

    test.each(states)('stops the session of a worker that is terminated in a %s.', async (state) => {
      await using opened = await open({ state, end: 'worker.terminate', stopOnExit: { reaper: true } });
      const { code, stderr } = await expectNothingRuns(opened);
      expect(code).toBe(0);
      expect(stderr).toMatch(/worker 1 of process \d+ died/);
    });

    test('finds the session of a start in progress by its mark.', async () => {
      const market = await openMarket({ switches: { startDelayMs: 60_000, listLagMs: 2_000 } });
      const program = startPlan(built, { url: market.url, state: 'rent', end: 'wait', stopOnExit: { reaper: true } });
      await eventually(() => market.sessions.length === 1, 'the start');
      program.child.kill('SIGKILL');
      const { stderr } = await expectNothingRuns({ market, program });
      expect(stderr).toMatch(/found session \S+ of start \S+; stopping it/);
      await market[Symbol.asyncDispose]();
    });

    test('stays until the end is proven, and stops a session again that keeps running.', async () => {
      const switches = { nextStops: [{ answer: '500' }, { answer: 'drop' }, { answer: '404' }] as const };
      await using opened = await open(
        { state: 'start', end: 'wait', stopOnExit: { reaper: true } },
        { switches: { nextStops: [...switches.nextStops] } },
      );
      opened.program.child.kill('SIGKILL');
      await expectNothingRuns(opened);
    });

    test('closes its output while it cannot stop the session, so that a pipeline ends.', async () => {
      await using market = await openMarket();
      const { uuid } = market.startForeign({ node_id: 9010, atMs: -100_000 });
      market.fail('stop', 500, 10_000);
      const { child, stderr } = startProgram(built.path('reaper'), [], {});
      const rest = { headers: {}, variable: 'OCTA_LEASE_ID', mode: 'watch', withinMs: 600_000 } as const;
      const setup = { owner: 'process 1', baseUrls: [market.url], ...rest, quietAfterMs: 300 };
      const open = { leaseId: 'a', uuid, service: 'mr', nodeId: 9010, ageMs: 100_000, isStopped: false } as const;
      const messages: Message[] = [{ setup }, { key: programKey }, { open }];
      child.stdin?.end(messages.map(lineOf).join(''));
      if (child.stderr !== null) await once(child.stderr, 'close');
      expect(stderr()).toMatch(/still stopping 1 session; continuing without output for up to 10 minutes\n$/);
      expect(child.exitCode).toBeNull();
      child.kill('SIGKILL');
    });

    test.each(signals)('ignores %s, which all processes of a group receive.', async (signal) => {
      await using opened = await open({ state: 'start', end: 'wait', stopOnExit: { reaper: true } });
      // It listens to all signals at once, and SIGHUP is the last of them.
      await eventually(() => handlesHangUp(reaperOf(opened.program)), 'the reaper to handle signals');
      process.kill(reaperOf(opened.program) ?? 0, signal);
      opened.program.child.kill('SIGKILL');
      await expectNothingRuns(opened);
    });

    const farewells: [end: Plan['end'], signal: NodeJS.Signals | undefined][] = [
      ['wait', 'SIGTERM'],
      ['process.exit', undefined],
      ['empty', undefined],
    ];
    test.each(farewells)(
      'exits without output if the process has stopped everything itself: %s.',
      async (end, signal) => {
        await using opened = await open({ state: 'start', end, stopOnExit: { reaper: true } });
        if (signal !== undefined) opened.program.child.kill(signal);
        const { stderr } = await expectNothingRuns(opened);
        expect(stderr).not.toContain('farewell');
        expect(opened.market.sessions[0]?.stops).toHaveLength(1);
      },
    );

    test('does not stop kept sessions.', async () => {
      await using opened = await open({ state: 'kept', end: 'wait', stopOnExit: { reaper: true } });
      opened.program.child.kill('SIGKILL');
      await opened.program.closed;
      expect(opened.market.running()).toHaveLength(1);
    });

    test('gets the key neither from its arguments nor from its environment, and uses it.', async () => {
      await using opened = await open({ state: 'start', end: 'wait', asyncKey: true, stopOnExit: { reaper: true } });
      const reaper = processesOf(built).find(({ pid }) => pid === reaperOf(opened.program));
      expect(reaper?.arguments).toMatch(/reaper\.js/);
      expect(reaper?.environment).toContain('PLAN=');
      expect(`${reaper?.arguments}${reaper?.environment}`).not.toContain('secret-key-0001');
      opened.program.child.kill('SIGKILL');
      await expectNothingRuns(opened);
      expect(opened.market.asked('stop')[0]?.headers.authorization).toContain('secret-key-0001');
    });
  });

  test('stopOnExit throws in a worker thread without the reaper.', async () => {
    const market = await openMarket();
    const program = startPlan(built, { url: market.url, state: 'none', end: 'worker.terminate' });
    const { code, stderr } = await program.closed;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('worker thread needs `reaper: true`'),
    });
    await market[Symbol.asyncDispose]();
  });

  describe('Signals', () => {
    const signalled = ({ program }: Opened) =>
      eventually(() => program.stderr().includes('SIGINT: stopping 1 session'), 'the reaction to the first signal');

    test('A second signal ends the process at once, and the sessions are printed.', async () => {
      const stopOnExit = { timeoutMs: 3_600_000 };
      const switches = { stopDelayMs: Number.POSITIVE_INFINITY, stopEffect: 'answer' } as const;
      await using opened = await open({ state: 'start', end: 'wait', stopOnExit }, { switches });
      opened.program.child.kill('SIGINT');
      await signalled(opened);
      // A second signal within a second counts as the same keystroke.
      await new Promise((resolve) => setTimeout(resolve, 1_300));
      opened.program.child.kill('SIGINT');
      const ended = await opened.program.closed;
      expect(ended).toMatchObject({ signal: 'SIGINT' });
      expect(ended.stderr).toContain(
        `these may still run and cost money: session ${opened.market.sessions[0]?.uuid}\n`,
      );
    });

    test('Two signals within a second count as one.', async () => {
      await using opened = await open({ state: 'start', end: 'wait' }, { switches: { stopDelayMs: 1_500 } });
      opened.program.child.kill('SIGINT');
      await signalled(opened);
      opened.program.child.kill('SIGINT');
      const ended = await expectNothingRuns(opened);
      expect(ended.stderr).toBe('octaspace: SIGINT: stopping 1 session …\n');
    });

    test('If the program listens itself, the sessions are stopped, and the program decides about its exit.', async () => {
      await using opened = await open({ state: 'start', end: 'wait', ownListenerMs: 1_500 });
      opened.program.child.kill('SIGTERM');
      expect(await expectNothingRuns(opened)).toMatchObject({ code: 7, signal: null });
    });

    test('If the program exits before the sessions are stopped, a child stops the rest.', async () => {
      await using opened = await open({ state: 'start', end: 'wait', ownListenerMs: 0 });
      opened.program.child.kill('SIGTERM');
      expect(await expectNothingRuns(opened)).toMatchObject({ code: 7, signal: null });
    });

    test('The process ends after timeoutMs even if nothing could be stopped, and the sessions are printed.', async () => {
      const switches = { stopDelayMs: Number.POSITIVE_INFINITY, stopEffect: 'answer' } as const;
      await using opened = await open({ state: 'start', end: 'wait', stopOnExit: { timeoutMs: 500 } }, { switches });
      opened.program.child.kill('SIGTERM');
      const ended = await opened.program.closed;
      expect(ended).toMatchObject({ signal: 'SIGTERM' });
      expect(ended.stderr).toContain(`may still run and cost money: session ${opened.market.sessions[0]?.uuid}`);
      expect(ended.stderr).toContain('not proven over after 500 ms');
    });

    test('Only the given signals count.', async () => {
      await using opened = await open({ state: 'start', end: 'wait', stopOnExit: { signals: ['SIGINT'] } });
      opened.program.child.kill('SIGTERM');
      expect(await opened.program.closed).toMatchObject({ signal: 'SIGTERM', stderr: '' });
      expect(opened.market.running()).toHaveLength(1);
    });
  });

  test('row 34: close({ stopSessions: true }) stops everything, and the stats show what is held.', async () => {
    await using opened = await open({ state: 'guard', end: 'close-stop', stopOnExit: false, sessions: 2 });
    const ended = await expectNothingRuns(opened, 2);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('stats {"held":2,"guarded":2,"starting":0}');
  });
});
