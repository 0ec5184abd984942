/** What is in an answer, and how it comes. */
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

  test.each(callTable)('row 80: %s keeps the beginning of a large page, and lets go of the rest.', async (__, send) => {
    const page = `<!doctype html>${'<p>busy</p>'.repeat(500_000)}`;
    await using server = await serveFaults(status(503, {}, page));
    const { error } = await settle(send(faultClient([server], { fetch: makeFetch(), retries: 0 })));
    if (!(error instanceof OctaApiError)) throw new Error('not an answer', { cause: error });
    expect(error.body).toBe(page.slice(0, largestErrorBody));
    expect(error.message).not.toContain('busy');
    await vi.waitUntil(() => server.open() === 0);
  });

  test('row 82: a read gives an amount beyond every number digit by digit.', async () => {
    await using server = await serveFaults(text('{"balance":31428028938060847852}'));
    const client = faultClient([server], { fetch: makeFetch() });
    expect((await client.accounts.balance()).balance).toBe(31428028938060847852n);
  });

  test('A byte too many of one answer is not taken for the next.', async () => {
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

test('row 84: a start that is answered by an empty list says that there is no uuid.', async () => {
  await using server = await serveFaults(text('[]'));
  const { error } = await settle(faultClient([server]).services.mr.start(order));
  expect(error?.message).toContain('neither a uuid nor a refusal');
});

test('row 85: a start that is refused within a success says why.', async () => {
  await using server = await serveFaults(text('[{"error":"no funds"}]'));
  const { error } = await settle(faultClient([server]).services.mr.start(order));
  expect(error).toMatchObject({ rejections: [{ reason: 'no funds' }] });
});

test('row 86: a start takes what was started of a batch, and sends nothing again.', async () => {
  await using server = await serveFaults(text('[{"id":0,"uuid":"u-1"},{"id":1,"error":"no funds"}]'));
  const start = faultClient([server]).services.mr.start(order);
  expect((await start).uuid).toBe('u-1');
  expect(server.received).toEqual(['POST /services/mr']);
});

test('row 89: a read of an answer that says it is zstd, and is not, gives no wrong amount.', async () => {
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: zstd';
  // Some runtimes unpack it, others hand it on as it is.
  const packed: Fault = { name: 'zstd', requested: ({ socket }) => socket.write(httpAnswer('(\xb5/\xfd', head)) };
  await using server = await serveFaults(packed);
  const { ends, outcome } = await settle(faultClient([server]).accounts.balance());
  expect(['OctaNetworkError', 'OctaResponseError']).toContain(ends);
  expect(outcome).toBe('unknown');
});

describe('A start whose answer is cut', () => {
  const whole = httpAnswer(goodText).length;

  test.concurrent.each(Array.from({ length: whole }, (_, bytes) => [bytes, whole]))(
    'at byte %d of %d is unknown, and is not sent again.',
    async (bytes) => {
      await using server = await serveFaults(cutAt(bytes));
      const start = faultClient([server]).services.mr.start(order);
      expect(await settle(start)).toMatchObject({ ends: 'OctaNetworkError', outcome: 'unknown', attempts: 1 });
      expect(server.received).toHaveLength(1);
    },
  );

  test('after its last byte is whole.', async () => {
    await using server = await serveFaults(cutAt(whole));
    const start = faultClient([server]).services.mr.start(order);
    expect((await start).uuid).toBe('u-1');
  });
});
