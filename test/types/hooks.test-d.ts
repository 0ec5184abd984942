/** Results of hooks. */
import { expectTypeOf, test } from 'vitest';
import { type AttemptEnd, OctaClient, type OctaClientOptions } from '../../src/index.ts';
import { instrument } from '../../src/otel/index.ts';

test('onRequest returns nothing, or a function for the end of the request, now or later.', () => {
  new OctaClient({ onRequest: () => undefined });
  new OctaClient({ onRequest: async ({ headers }) => void headers.get('accept') });
  new OctaClient({ onRequest: () => (end) => void expectTypeOf(end).toEqualTypeOf<AttemptEnd>() });
  new OctaClient({ onRequest: async () => async () => undefined });
  new OctaClient({ onRequest: async ({ attempt }) => (attempt > 1 ? () => undefined : undefined) });
  // @ts-expect-error a string is not a function
  new OctaClient({ onRequest: () => 'text' });
  // @ts-expect-error the function has one parameter
  new OctaClient({ onRequest: () => (_end: AttemptEnd, _more: string) => undefined });
});

test('instrument returns options of a client.', () => {
  expectTypeOf(instrument()).toEqualTypeOf<OctaClientOptions>();
  // @ts-expect-error unknown option
  instrument({ apikey: 'k' });
  // @ts-expect-error a tracer creates spans
  instrument({}, { tracer: {} });
});
