/** HTTP/2 with the caller's own fetch, because the built-in fetch does not support it on every version of Node. */
import { expect, test } from 'vitest';
import { apart, callTable, cellsOf, fails, faultClient, ok, settle } from '../support/fault-cells.ts';
import {
  answerStream,
  http2Fetch,
  leaveWithin,
  refuseStream,
  type StreamAct,
  serveHttp2,
} from '../support/fault-http2.ts';

/** Sends a call on a session that was used before, and checks that it is sent again exactly if it may happen twice. */
async function expectApart(act: StreamAct, [, send, effect]: (typeof callTable)[number]): Promise<void> {
  await using server = await serveHttp2((stream, nth) => (nth === 2 ? act : answerStream)(stream, nth));
  await using transport = http2Fetch();
  const client = faultClient([server], { fetch: transport.fetch });
  await client.network.get();
  const { error: _error, ...cell } = await settle(send(client));
  const row = { cells: apart(ok(2), fails('OctaNetworkError', 'unknown', 1)) };
  // The first request created the HTTP/2 session.
  expect([{ ...cell, seen: server.received.length - 1 }]).toEqual(cellsOf(row, effect));
}

test.each(callTable)('row 94: %s on a refused stream is sent again only if it may happen twice.', async (...call) => {
  await expectApart(refuseStream, call);
});

test.each(callTable)(
  'row 95: %s on a session that ends within the response is sent again only if it may happen twice.',
  async (...call) => {
    await expectApart(leaveWithin, call);
  },
);
