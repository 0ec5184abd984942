/** The letter case of a session's UUID, and the listeners of a lease. */
import { describe, expect, test } from 'vitest';
import { OctaClient, OctaNotFoundError, OctaTimeoutError } from '../../../src/index.ts';
import { Lease } from '../../../src/leases/lease.ts';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { failure } from '../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';
import { instantClock } from '../../support/transport.ts';

const [lower, upper, mixed] = ['5dd2d308-aaaa', '5DD2D308-AAAA', '5dd2D308-AaAa'];

describe('A lease', () => {
  test('ignores the letter case of its UUID, and keeps the one that the API used last.', () => {
    const lease = new Lease(mixed, {});
    expect([lease.key, lease.uuid]).toEqual([lower, mixed]);
    lease.see({ at: 1, active: { uuid: upper } });
    expect([lease.key, lease.uuid]).toEqual([lower, upper]);
    lease.see({ at: 2, recent: { uuid: lower }, active: 'absent' });
    expect(lease.uuid).toBe(lower);
  });

  test('takes no letter case from the record of another session.', () => {
    const lease = new Lease(lower, {});
    lease.see({ at: 1, info: { uuid: '' } });
    lease.see({ at: 2, info: { uuid: 'another' } });
    expect(lease.uuid).toBe(lower);
  });

  test('has one other spelling, until the API uses a new one.', () => {
    const lease = new Lease(lower, {});
    expect([lease.takeOtherSpelling(), lease.takeOtherSpelling()]).toEqual([upper, undefined]);
    lease.spelt(lower);
    expect(lease.takeOtherSpelling()).toBeUndefined();
    lease.spelt(mixed);
    expect([lease.takeOtherSpelling(), lease.takeOtherSpelling()]).toEqual([lower, undefined]);
  });

  test('has no other spelling without letters.', () => {
    expect(new Lease('123-456', {}).takeOtherSpelling()).toBeUndefined();
  });

  test('notifies each listener once when it is over, until the listener is removed.', () => {
    const lease = new Lease(lower, {});
    const told: string[] = [];
    const stopListening = lease.onNudge(() => {
      told.push('one');
      stopListening();
    });
    lease.onNudge(() => told.push('two'));
    lease.see({ at: 1, active: { uuid: lower } });
    expect(told).toEqual([]);
    lease.see({ at: 2, recent: { uuid: lower, finished_at: 2 } });
    lease.see({ at: 3, recent: { uuid: lower, finished_at: 2 } });
    expect(told).toEqual(['one', 'two']);
    lease.nudge();
    expect(told).toEqual(['one', 'two', 'two']);
  });
});

/** A client of an API that accepts UUIDs in one spelling only, and shows another one in its lists. */
function picky({ takes, lists }: { readonly takes: string; readonly lists: string }) {
  const answerTo = (_: string, path: string) => {
    if (path === '/services/mr') return jsonAnswer(`[{"uuid":"${lower}"}]`);
    if (path.startsWith('/sessions')) return jsonAnswer(`[{"uuid":"${lists}"}]`);
    const isIt = path.split('/')[2] === takes;
    return jsonAnswer(isIt ? `{"uuid":"${takes}","is_ready":true}` : '{}', isIt ? 200 : 404);
  };
  // Its list is read some time after a start, and on this clock, at once.
  return recordingClient(answerTo, { clock: instantClock(), leaseVariable: false });
}

describe('A session is requested', () => {
  const order = { node_id: 9010, disk_size: 50, image: 'ubuntu:24.04' };

  test('in the spelling of its start.', async () => {
    const { client, requests } = picky({ takes: lower, lists: lower });
    const session = await client.services.mr.start(order);
    await session.waitUntilReady();
    expect(requests.slice(1)).toEqual([`GET /services/${lower}/info`]);
  });

  test('in the other spelling if the API does not find the first; from then on in that one.', async () => {
    const { client, requests } = picky({ takes: upper, lists: upper });
    const session = await client.services.mr.start(order);
    await session.waitUntilReady();
    expect(requests.slice(1)).toEqual([`GET /services/${lower}/info`, `GET /services/${upper}/info`]);
    await session.stop();
    await session.logs().catch(() => undefined);
    expect(requests.slice(3)).toEqual([`POST /services/${upper}/stop`, `GET /services/${upper}/logs`]);
  });

  test('and stopped in the other spelling; its logs are read in that one from then on.', async () => {
    const { client, requests } = picky({ takes: upper, lists: upper });
    const session = client.services.session(lower);
    await session.stop();
    await session.logs().catch(() => undefined);
    expect(requests).toEqual([
      `POST /services/${lower}/stop`,
      `POST /services/${upper}/stop`,
      `GET /services/${upper}/logs`,
    ]);
  });

  test('in both spellings within the time of one call.', async () => {
    const simulator = new OctaSimulator();
    const { clock } = simulator;
    const slow = () =>
      new Promise<Response>((resolve) => clock.setTimer(() => resolve(jsonAnswer('{}', 404)), 250, 'wait'));
    const client = new OctaClient({ apiKey: 'a-key', fetch: slow, clock, logLevel: 'silent' });
    const before = simulator.now;
    await failure(client.services.session(lower).info({ totalTimeoutMs: 300 }), OctaTimeoutError);
    expect(simulator.now - before).toBe(300);
  });

  test('in its own spelling if the API finds neither.', async () => {
    const { client, requests } = picky({ takes: mixed, lists: mixed });
    const session = client.services.session(lower);
    expect(await failure(session.info(), OctaNotFoundError)).toMatchObject({ status: 404 });
    await failure(session.stop(), OctaNotFoundError);
    expect(requests).toEqual([
      `GET /services/${lower}/info`,
      `GET /services/${upper}/info`,
      `POST /services/${lower}/stop`,
    ]);
  });

  test('in the spelling of a list.', async () => {
    const { client, requests } = picky({ takes: mixed, lists: mixed });
    const session = await client.services.mr.start(order);
    await session.waitUntilReady();
    expect(requests.filter((request) => request.endsWith('/info'))).toEqual(
      [lower, upper, mixed].map((uuid) => `GET /services/${uuid}/info`),
    );
  });

  test('in the other spelling only once, until the API uses a new one.', async () => {
    const { client, requests } = recordingClient(
      (_, path) => jsonAnswer(path.startsWith('/sessions') ? '[]' : '{}', path.startsWith('/sessions') ? 200 : 404),
      { clock: instantClock() },
    );
    await client.services
      .session(lower)
      .waitUntilReady({ readyTimeoutMs: 10_000 })
      .catch(() => undefined);
    const asked = requests.filter((request) => request.endsWith('/info'));
    expect(asked.filter((request) => request.includes(upper))).toEqual([`GET /services/${upper}/info`]);
    expect(asked.length).toBeGreaterThan(3);
  });
});
