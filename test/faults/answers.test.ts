/** The content of responses, and how they arrive. */
import { describe, expect, test, vi } from 'vitest';
import { OctaApiError } from '../../src/index.ts';
import { order } from '../support/calls.ts';
import { callTable, cellTests, expectCell, faultClient, observe, settle } from '../support/fault-cells.ts';
import { cutAt, faults, goodText, status, text } from '../support/fault-list.ts';
import { type Fault, serveFaults } from '../support/fault-server.ts';
import { transports } from '../support/fault-transports.ts';
import { httpAnswer } from '../support/raw-server.ts';
import { answerRows } from './later-rows.ts';

const largestErrorBody = 65_536;

describe.each(transports)('With %s', (_, makeFetch) => {
  test.concurrent.each(cellTests(answerRows))('%s', async (__, row, effect) => {
    expectCell(row, effect, await observe(row, effect, makeFetch()));
  });

  test.each(callTable)('row 80: %s keeps the beginning of a large page, and discards the rest.', async (__, send) => {
    const page = `<!doctype html>${'<p>busy</p>'.repeat(500_000)}`;
    await using server = await serveFaults(status(503, {}, page));
    const { error } = await settle(send(faultClient([server], { fetch: makeFetch(), retries: 0 })));
    if (!(error instanceof OctaApiError)) throw new Error('not an answer', { cause: error });
    expect(error.body).toBe(page.slice(0, largestErrorBody));
    expect(error.message).not.toContain('busy');
    await vi.waitUntil(() => server.open() === 0);
  });

  test('row 82: a read returns an amount above the largest number digit by digit.', async () => {
    await using server = await serveFaults(text('{"balance":31428028938060847852}'));
    const client = faultClient([server], { fetch: makeFetch() });
    expect((await client.accounts.balance()).balance).toBe(31428028938060847852n);
  });

  test('An extra byte of one response is not read as the next response.', async () => {
    await using server = await serveFaults(faults.too_long_body, faults.ok);
    const client = faultClient([server], { fetch: makeFetch() });
    expect((await client.accounts.balance()).balance).toBe(1n);
    expect((await client.accounts.balance()).balance).toBe(1n);
    expect(server.received).toHaveLength(2);
  });
});

test.each(callTable)('row 83: %s reads odd JSON without harm.', async (_, send) => {
  const body =
    '{"uuid":"u-0","uuid":"u-1","balance":1,"balance":2,"__proto__":{"bad":1},"constructor":{"prototype":{"bad":2}}}';
  await using server = await serveFaults(text(body));
  expect(await settle(send(faultClient([server])))).toMatchObject({ ends: 'ok', attempts: 1 });
  expect(Reflect.get({}, 'bad')).toBeUndefined();
});

test('row 83: the last of two equal names counts, and no name reaches the prototype.', async () => {
  const body = '{"balance":1,"balance":2,"__proto__":{"bad":1}}';
  await using server = await serveFaults(text(body));
  const balance = await faultClient([server]).accounts.balance();
  expect(balance.balance).toBe(2n);
  expect(Object.getPrototypeOf(balance)).toBe(Object.prototype);
  expect(Reflect.get(balance, 'bad')).toBeUndefined();
});

test('row 84: a start with an empty list as response throws that there is no uuid.', async () => {
  await using server = await serveFaults(text('[]'));
  const { error } = await settle(faultClient([server]).services.mr.start(order));
  expect(error?.message).toContain('neither a uuid nor a refusal');
});

test('row 85: a start that is refused with HTTP status 200 throws with the reason.', async () => {
  await using server = await serveFaults(text('[{"error":"no funds"}]'));
  const { error } = await settle(faultClient([server]).services.mr.start(order));
  expect(error).toMatchObject({ rejections: [{ reason: 'no funds' }] });
});

test('row 86: a start returns the session of a partly refused batch, and sends nothing again.', async () => {
  await using server = await serveFaults(text('[{"id":0,"uuid":"u-1"},{"id":1,"error":"no funds"}]'));
  const start = faultClient([server]).services.mr.start(order);
  expect((await start).uuid).toBe('u-1');
  expect(server.received).toEqual(['POST /services/mr']);
});

test('row 89: a read of a response that is falsely marked as zstd returns no wrong amount.', async () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: zstd';
  // Some runtimes decompress it, others pass it on unchanged.
  const packed: Fault = { name: 'zstd', requested: ({ socket }) => socket.write(httpAnswer('(\xb5/\xfd', head)) };
  await using server = await serveFaults(packed);
  const { ends, outcome } = await settle(faultClient([server]).accounts.balance());
  expect(['OctaNetworkError', 'OctaResponseError']).toContain(ends);
  expect(outcome).toBe('unknown');
});

describe('A start whose response is cut', () => {
  const whole = httpAnswer(goodText).length;

  test.concurrent.each(Array.from({ length: whole }, (_, bytes) => [bytes, whole]))(
    'at byte %d of %d has an unknown outcome, and is not sent again.',
    async (bytes) => {
      await using server = await serveFaults(cutAt(bytes));
      const start = faultClient([server]).services.mr.start(order);
      expect(await settle(start)).toMatchObject({ ends: 'OctaNetworkError', outcome: 'unknown', attempts: 1 });
      expect(server.received).toHaveLength(1);
    },
  );

  test('after its last byte succeeds.', async () => {
    await using server = await serveFaults(cutAt(whole));
    const start = faultClient([server]).services.mr.start(order);
    expect((await start).uuid).toBe('u-1');
  });
});
