/** What each option of the queries and of the spans changes. */
import { createNoopMeter, type Tracer, trace } from '@opentelemetry/api';
import { OctaClient, type OctaClientOptions } from '../../../src/index.ts';
import { type InstrumentOptions, instrument } from '../../../src/otel/index.ts';
import {
  type OctaQueriesOptions,
  octaQueries,
  type QueryRequestOptions,
  type WatchQueryOptions,
} from '../../../src/query/index.ts';
import type { Behaviours } from './behaviour.ts';

const client = new OctaClient();

/** Whether two clients share data. */
function areShared(options: OctaQueriesOptions): boolean {
  const [one, other] = [client, new OctaClient()].map((each) => JSON.stringify(octaQueries(each, options).key));
  return one === other;
}

export const queriesBehaviours: Behaviours<OctaQueriesOptions> = {
  scope: { given: 'account-7', see: areShared, without: false, with: true },
};

/** The time until the next look at a session that can be used. */
function untilNextLook(options: WatchQueryOptions): number | false {
  const { refetchInterval } = octaQueries(client).services.session('u-1').watch(options);
  return refetchInterval({ state: { data: { uuid: 'u-1', is_ready: true } } });
}

export const watchQueryBehaviours: Behaviours<Omit<WatchQueryOptions, keyof QueryRequestOptions>> = {
  pollIntervalMs: { given: 5_000, see: untilNextLook, without: 3_000, with: 5_000 },
  until: { given: 'ready', see: untilNextLook, without: 3_000, with: false },
};

const answer: OctaClientOptions = { apiKey: 'key', fetch: async () => new Response('{"balance":1}') };

/** Which of the given makers is asked for something. */
async function makersAsked(options: InstrumentOptions): Promise<readonly string[]> {
  asked.clear();
  await new OctaClient(instrument(answer, options)).accounts.balance();
  return [...asked];
}

const asked = new Set<string>();
const silent = trace.getTracer('silent');
const tracer: Tracer = {
  startSpan: (...given) => {
    asked.add('tracer');
    return silent.startSpan(...given);
  },
  startActiveSpan: silent.startActiveSpan,
};
const meter: NonNullable<InstrumentOptions['meter']> = Object.create(createNoopMeter(), {
  createHistogram: { value: () => ({ record: () => asked.add('meter') }) },
});

export const instrumentBehaviours: Behaviours<InstrumentOptions> = {
  tracer: { given: tracer, see: makersAsked, without: [], with: ['tracer'] },
  meter: { given: meter, see: makersAsked, without: [], with: ['meter'] },
};
