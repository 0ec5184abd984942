import { expect, test } from 'vitest';
import { openSocket } from '../../../src/node/connect.ts';
import { rejection } from '../../support/failure.ts';
import { serveSockets } from '../../support/raw-server.ts';

test.each(['http', 'https'])('A connection that was aborted before its start is not opened (%s).', async (protocol) => {
  await using server = await serveSockets(() => undefined);
  const origin = new URL(server.url.replace('http:', `${protocol}:`));
  const reason = new Error('enough');
  const options = { servername: undefined, signal: AbortSignal.abort(reason) };
  expect(await rejection(openSocket({ origin, proxy: undefined, tlsVerify: true }, options))).toBe(reason);
  expect(server.connections()).toBe(0);
});

test('A connection that is aborted later is destroyed.', async () => {
  await using server = await serveSockets(() => undefined);
  const giveUp = new AbortController();
  const options = { servername: undefined, signal: giveUp.signal };
  const socket = await openSocket({ origin: new URL(server.url), proxy: undefined, tlsVerify: true }, options);
  giveUp.abort(new Error('enough'));
  expect(socket.destroyed).toBe(true);
});
