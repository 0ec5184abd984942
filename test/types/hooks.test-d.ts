/** What hooks may give. */
import { expectTypeOf, test } from 'vitest';
import { type AttemptEnd, OctaClient, type OctaClientOptions } from '../../src/index.ts';
import { instrument } from '../../src/otel/index.ts';

test('onRequest gives nothing, or what is told of the end, now or later.', () => {
  new OctaClient({ onRequest: () => undefined });
  new OctaClient({ onRequest: async ({ headers }) => void headers.get('accept') });
  new OctaClient({ onRequest: () => (end) => void expectTypeOf(end).toEqualTypeOf<AttemptEnd>() });
  new OctaClient({ onRequest: async () => async () => undefined });
  new OctaClient({ onRequest: async ({ attempt }) => (attempt > 1 ? () => undefined : undefined) });
  // @ts-expect-error text is nothing to be told
  new OctaClient({ onRequest: () => 'text' });
  // @ts-expect-error it is told one thing
  new OctaClient({ onRequest: () => (_end: AttemptEnd, _more: string) => undefined });
});

test('What is instrumented are options of a client.', () => {
  expectTypeOf(instrument()).toEqualTypeOf<OctaClientOptions>();
  // @ts-expect-error there is no such option
  instrument({ apikey: 'k' });
  // @ts-expect-error a tracer makes spans
  instrument({}, { tracer: {} });
});
