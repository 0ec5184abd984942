import { expect, test } from 'vitest';
import { compose } from '../../../src/transport/pipeline.ts';
import type { Policy } from '../../../src/transport/types.ts';
import { aCall, anAttempt, aReply } from '../../support/transport.ts';

test('The first policy is the outermost: it sees the call first and the response last.', async () => {
  const seen: string[] = [];
  const named =
    (name: string): Policy =>
    (next) =>
    async (call, attempt) => {
      seen.push(`${name} down`);
      const reply = await next(call, attempt);
      seen.push(`${name} up`);
      return reply;
    };
  const send = compose([named('outer'), named('inner')], async () => {
    seen.push('sent');
    return aReply();
  });

  await send(aCall(), anAttempt());

  expect(seen).toEqual(['outer down', 'inner down', 'sent', 'inner up', 'outer up']);
});

test('Without policies the call is sent directly.', async () => {
  const reply = aReply();

  expect(await compose([], async () => reply)(aCall(), anAttempt())).toBe(reply);
});
