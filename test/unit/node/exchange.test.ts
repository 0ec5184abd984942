/** A request that is aborted while it gets its connection. */
import { expect, test, vi } from 'vitest';
import type { Connection } from '../../../src/node/connection.ts';
import { Exchange, type ExchangeTools } from '../../../src/node/exchange.ts';
import { resolveNodeOptions } from '../../../src/node/options.ts';
import { Pool } from '../../../src/node/pool.ts';

test('It is not sent, and its connection can be used by others.', async () => {
  const send = vi.fn();
  // The part of a connection that is used here.
  const open = () => ({ usable: true, kept: false, send, close: async () => undefined }) as unknown as Connection;
  const pool = new Pool<Connection>({ poolSize: 1, maxConnections: 1 }, open);
  const busy = pool.take({ fresh: false, urgent: false });
  const reject = vi.fn();
  const late = new Error('the time of the call is over');
  const hears = { onOver: () => undefined, onServed: () => exchange.fail(late) };
  const exchange: Exchange = new Exchange({
    signal: undefined,
    fresh: false,
    urgent: false,
    resolve: () => undefined,
    reject,
    hears,
  });
  const request = { origin: 'http://api.test', url: '', path: '/', method: 'GET', headers: [], body: undefined };
  // Nothing is sent, so that undici is not needed.
  const tools = { options: resolveNodeOptions(), pool, proxy: undefined } as unknown as ExchangeTools;
  exchange.begin(request, tools);
  expect(pool.waiting).toBe(1);
  if (busy !== undefined) pool.release(busy);
  await Promise.resolve();
  expect(reject).toHaveBeenCalledExactlyOnceWith(late);
  expect([send.mock.calls.length, pool.busy, pool.waiting]).toEqual([0, 0, 0]);
});
