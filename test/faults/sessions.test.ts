/** Stops of sessions that may already be gone. */
import { describe, expect, test } from 'vitest';
import { cellTests, expectCell, faultClient, observe } from '../support/fault-cells.ts';
import { faults, onRequest, status } from '../support/fault-list.ts';
import { serveFaults } from '../support/fault-server.ts';
import { transports } from '../support/fault-transports.ts';
import { stopRows } from './later-rows.ts';

describe.each(transports)('With %s', (_, makeFetch) => {
  test.each(cellTests(stopRows))('%s', async (__, row, effect) => {
    expectCell(row, effect, await observe(row, effect, makeFetch()));
  });

  test('row 96: two concurrent stops of one session both succeed.', async () => {
    await using server = await serveFaults(faults.ok);
    const session = faultClient([server], { fetch: makeFetch() }).services.session('u-1');
    expect(await Promise.all([session.stop(), session.stop()])).toEqual([
      { confirmed: false, alreadyStopped: false },
      { confirmed: false, alreadyStopped: false },
    ]);
    expect(server.received).toHaveLength(2);
  });

  test('row 96: two stops whose responses are lost both return that it is stopped.', async () => {
    const lose: (() => void)[] = [];
    const losesBoth = onRequest('both are lost', ({ socket }) => {
      lose.push(() => socket.resetAndDestroy());
      if (lose.length === 2) for (const each of lose) each();
    });
    await using server = await serveFaults(losesBoth, losesBoth, status(404));
    const session = faultClient([server], { fetch: makeFetch() }).services.session('u-1');
    expect(await Promise.all([session.stop(), session.stop()])).toEqual([
      { confirmed: false, alreadyStopped: true },
      { confirmed: false, alreadyStopped: true },
    ]);
    expect(server.received).toHaveLength(4);
  });

  test('row 97: a stop whose response was lost, and whose retry gets a 404, counts as successful.', async () => {
    await using server = await serveFaults(faults.reset_before_headers, status(404));
    const session = faultClient([server], { fetch: makeFetch() }).services.session('u-1');
    expect(await session.stop()).toEqual({ confirmed: false, alreadyStopped: true });
  });
});
