/** The ledger in the lifecycle matrix: another process finds the sessions of a dead one. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type LeaseLedger, type LeaseRecord, OctaClient } from '../../src/index.ts';
import { fileLedger } from '../../src/node/index.ts';
import { type Built, buildPrograms } from '../support/built.ts';
import { isClean, killAfter } from '../support/exits/kills.ts';
import { eventually, openMarket, processesOf, runCommand, startPlan, startProgram } from '../support/exits/run.ts';
import { fastClock, serveMarketplace } from '../support/marketplace/index.ts';

let built: Built;
let folder: string;
beforeAll(async () => {
  built = await buildPrograms({ program: 'test/support/exits/program.ts' });
});
afterAll(async () => {
  await eventually(() => processesOf(built).length === 0, 'the end of all processes', 5_000);
  await built[Symbol.asyncDispose]();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'octaspace-leases-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function leasesIn(directory: string): Promise<LeaseRecord[]> {
  return (await fileLedger(directory).list()).filter((record) => 'leaseId' in record);
}

describe('row 36: a process dies between a start and its response', () => {
  const dead = ['--ttl', '0', '--force'];

  test('octaspace reap finds the session by its mark, and stops it.', async () => {
    await using market = await openMarket({ switches: { startDelayMs: 60_000, listLagMs: 300 } });
    market.startForeign({ node_id: 9010 });
    const program = startPlan(built, {
      url: market.url,
      state: 'rent',
      end: 'wait',
      stopOnExit: false,
      ledger: folder,
    });
    await eventually(() => market.running('client').length === 1, 'the start');
    program.child.kill('SIGKILL');
    await program.closed;
    const [record] = await leasesIn(folder);
    expect(record).toMatchObject({ state: 'starting', leaseId: market.sessions[1]?.leaseId });
    const { code, stdout, stderr } = await runCommand(built, market, ['reap', '--ledger', folder, ...dead]);
    expect({ code, running: market.running('client'), stderr }).toMatchObject({ code: 0, running: [] });
    expect(stdout).toContain(`stopped     lease ${record?.leaseId}  session ${market.sessions[1]?.uuid}\n`);
    expect(stdout).toContain(`not ours    session ${market.sessions[0]?.uuid}  node 9010\n`);
    expect(market.sessions[0]?.stops).toEqual([]);
    expect(await fileLedger(folder).list()).toEqual([]);
  });

  test('the next run of the program can take it over instead.', async () => {
    await using market = await openMarket({ switches: { startDelayMs: 60_000 } });
    const program = startPlan(built, {
      url: market.url,
      state: 'rent',
      end: 'wait',
      stopOnExit: false,
      ledger: folder,
    });
    await eventually(() => market.running().length === 1, 'the start');
    program.child.kill('SIGKILL');
    await program.closed;
    const client = new OctaClient({
      apiKey: 'key',
      baseUrl: market.url,
      ledger: fileLedger(folder),
      logLevel: 'silent',
    });
    const { leases } = await client.leases.reconcile({ ttlMs: 0, adopt: true });
    expect(leases).toMatchObject([{ verdict: 'adopted', session: { uuid: market.running()[0] } }]);
    await client.close({ stopSessions: true });
    expect(market.running()).toEqual([]);
    await eventually(() => leases.length === 1, 'the ledger');
  });

  test('a dry run stops and writes nothing, and exits with 3.', async () => {
    await using market = await openMarket();
    const program = startPlan(built, {
      url: market.url,
      state: 'guard',
      end: 'wait',
      stopOnExit: false,
      ledger: folder,
    });
    await eventually(() => program.stdout().includes('ready'), 'the program to be ready');
    program.child.kill('SIGKILL');
    await program.closed;
    const before = await leasesIn(folder);
    const { code } = await runCommand(built, market, ['reap', '--ledger', folder, ...dead, '--dry-run']);
    expect(code).toBe(3);
    expect(market.running()).toHaveLength(1);
    expect(await leasesIn(folder)).toEqual(before);
  });

  test('with --watch it runs until it is ended, and stops the sessions of processes that die meanwhile.', async () => {
    await using market = await openMarket();
    const env = { OCTA_API_KEY: 'key', OCTA_BASE_URL: market.url };
    const program = startPlan(built, {
      url: market.url,
      state: 'guard',
      end: 'wait',
      stopOnExit: false,
      ledger: folder,
    });
    await eventually(() => program.stdout().includes('ready'), 'the program to be ready');
    program.child.kill('SIGKILL');
    const watch = startProgram(built.path('cli'), ['reap', '--ledger', folder, '--watch', ...dead], env);
    await eventually(() => market.running().length === 0, 'the stop');
    await eventually(() => watch.stdout().includes('stopped'), 'the report');
    watch.child.kill('SIGTERM');
    expect(await watch.closed).toMatchObject({ code: 0, signal: null });
  });
});

describe('row 37: a ledger that cannot be written', () => {
  test('prevents the start if the folder is read-only.', async () => {
    await using market = await openMarket();
    chmodSync(built.folder, 0o755);
    mkdirSync(join(folder, 'sealed'), { mode: 0o500 });
    chmodSync(folder, 0o755);
    chmodSync(join(folder, 'sealed'), 0o555);
    const plan = { url: market.url, state: 'rent', end: 'wait', stopOnExit: false, ledger: join(folder, 'sealed') };
    // The root user may write everywhere.
    const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const program = startProgram(built.path('program'), [], { PLAN: JSON.stringify(plan) }, nobody);
    await eventually(() => program.stdout().includes('not-sent'), 'the refusal');
    expect(program.stdout()).toMatch(/not-sent: the start was not sent.*sealed: EACCES/);
    program.child.kill('SIGKILL');
    await program.closed;
    expect(market.asked('startMr')).toEqual([]);
  });

  test('prevents the start if the disk is full.', async () => {
    await using market = await openMarket();
    const plan = { url: market.url, state: 'rent', end: 'wait', stopOnExit: false, ledger: folder };
    // A file size limit of 0 is like a full disk, for one process.
    const limited = startProgram(built.path('program'), [], { PLAN: JSON.stringify(plan) }, { fileBlocks: 0 });
    await eventually(() => limited.stdout().includes('not-sent'), 'the refusal');
    expect(limited.stdout()).toMatch(/not-sent: the start was not sent.*EFBIG/);
    limited.child.kill('SIGKILL');
    await limited.closed;
    expect(market.asked('startMr')).toEqual([]);
    expect(await leasesIn(folder)).toEqual([]);
  });
});

/** How much faster everything is, so that minutes take seconds. */
const speed = 60;

async function openFast() {
  const clock = fastClock(speed, { stalls: 'count' });
  const market = await serveMarketplace({ clock });
  const program = startPlan(built, {
    ...{ url: market.url, state: 'guard', end: 'wait', stopOnExit: false, ledger: folder, speed },
  });
  const options = { apiKey: 'key', baseUrl: market.url, logLevel: 'silent' } as const;
  await eventually(() => program.stdout().includes('ready'), 'the program to be ready');
  const reconciler = (ledger: LeaseLedger = fileLedger(folder), wallStart = Date.now()) =>
    new OctaClient({ ...options, ledger, clock: fastClock(speed, { stalls: 'count', wallStart }) });
  const dispose = async () => {
    program.child.kill('SIGKILL');
    await program.closed;
    await market[Symbol.asyncDispose]();
  };
  return { clock, market, program, reconciler, [Symbol.asyncDispose]: dispose };
}

describe('row 42: reconcilers and owners at the same time', () => {
  test('A healthy owner keeps its session, although the clock of the reconciler is wrong by 90 s.', async () => {
    await using opened = await openFast();
    const client = opened.reconciler(fileLedger(folder), Date.now() + 90_000);
    for (const _ of [1, 2]) {
      expect((await client.leases.reconcile()).leases).toMatchObject([{ verdict: 'owned' }]);
    }
    expect(opened.market.running()).toHaveLength(1);
    await client.close();
  });

  test('A ledger that cannot be read for two minutes makes no owner count as dead.', async () => {
    await using opened = await openFast();
    const inner = fileLedger(folder);
    let reads = 0;
    let isUp = false;
    const ledger: LeaseLedger = {
      put: (record) => inner.put(record),
      claim: (...given) => inner.claim(...given),
      delete: (id) => inner.delete(id),
      // It can be read once, and then not again for a while.
      list: () => (++reads === 1 || isUp ? inner.list() : Promise.reject(new Error('unreachable'))),
    };
    const client = opened.reconciler(ledger);
    await expect(client.leases.reconcile()).rejects.toThrow('unreachable');
    await opened.clock.sleep(120_000);
    isUp = true;
    expect((await client.leases.reconcile()).leases).toMatchObject([{ verdict: 'owned' }]);
    expect(opened.market.running()).toHaveLength(1);
    await client.close();
  });

  test('An owner that was suspended finds its session stopped, and neither stores it nor rents again.', async () => {
    await using opened = await openFast();
    const { program, market, clock } = opened;
    program.child.kill('SIGSTOP');
    const client = opened.reconciler();
    expect((await client.leases.reconcile()).leases).toMatchObject([{ verdict: 'stopped' }]);
    expect(market.running()).toEqual([]);
    program.child.kill('SIGCONT');
    await clock.sleep(60_000);
    expect(await leasesIn(folder)).toEqual([]);
    expect(market.sessions).toHaveLength(1);
    await client.close();
  });

  test('An owner that was suspended leaves its session to the client that has taken it over.', async () => {
    await using opened = await openFast();
    const { program, market, clock } = opened;
    program.child.kill('SIGSTOP');
    const client = opened.reconciler();
    const { leases } = await client.leases.reconcile({ adopt: true });
    expect(leases).toMatchObject([{ verdict: 'adopted' }]);
    const [taken] = await leasesIn(folder);
    program.child.kill('SIGCONT');
    await clock.sleep(60_000);
    expect(await leasesIn(folder)).toMatchObject([{ owner: taken?.owner, state: 'running' }]);
    expect(market.running()).toHaveLength(1);
    await client.close({ stopSessions: true });
    expect(market.running()).toEqual([]);
  });
});

test('row 43: a slow write of the heartbeat loses neither the UUID nor the session.', async () => {
  const clock = fastClock(speed, { stalls: 'count' });
  await using market = await serveMarketplace({ clock });
  const inner = fileLedger(folder);
  const slow: LeaseLedger = {
    claim: (...given) => inner.claim(...given),
    delete: (id) => inner.delete(id),
    list: () => inner.list(),
    put: async (record) => {
      if ('beat' in record && record.beat > 1) await clock.sleep(20_000);
      await inner.put(record);
    },
  };
  const options = { apiKey: 'key', baseUrl: market.url, clock, logLevel: 'silent' } as const;
  const owner = new OctaClient({ ...options, ledger: slow });
  const reconciler = new OctaClient({ ...options, ledger: inner });
  const session = await owner.services.mr.start({ node_id: 9010, disk_size: 10, image: 'ubuntu:24.04' });
  for (const _ of [1, 2, 3]) {
    expect((await reconciler.leases.reconcile()).leases).toMatchObject([{ verdict: 'owned', uuid: session.uuid }]);
    await clock.sleep(30_000);
  }
  expect(await leasesIn(folder)).toMatchObject([{ uuid: session.uuid, state: 'running' }]);
  await owner.close({ stopSessions: true });
  await reconciler.close();
  expect(market.running()).toEqual([]);
  await eventually(() => true, 'the end');
  expect(await leasesIn(folder)).toEqual([]);
});

test.concurrent.each([15, 90, 170, 250, 330])(
  'kill -9 of a program %i ms into its rentals, then octaspace reap: none of our sessions runs, and no other was touched.',
  async (ms) => {
    expect(await killAfter(built, ms)).toSatisfy(isClean);
  },
);
