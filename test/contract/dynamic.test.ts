/** Random answers that fit the spec, made by a mock of it over real HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OperationId, operations } from '../../generated/operations.ts';
import * as sdk from '../../src/index.ts';
import { SessionResource } from '../../src/resources/services/session.ts';
import { type Prism, type PrismOptions, prismReadyWithinMs, startPrism } from '../support/prism.ts';
import { schemaOf } from '../support/spec.ts';
import { callOf } from './calls.ts';
import { decodedBy, isImpossible } from './decoded.ts';

const ids = Object.keys(operations) as OperationId[];
const starts = ids.filter((id) => operations[id].effect === 'billable');
const reads = ids.filter((id) => !starts.includes(id) && !['none', 'bytes', 'log'].includes(operations[id].answer));

const servers: readonly [string, PrismOptions][] = [
  ['with every field', { seed: '42' }],
  ['with longer lists', { seed: '42', faker: { minItems: 3 } }],
  ['with some fields', { seed: '7', faker: { minItems: 2, alwaysFakeOptionals: false, optionalsProbability: 0.4 } }],
];

describe.each(servers)('random responses %s', (_, options) => {
  let prism: Prism;
  beforeAll(async () => {
    prism = await startPrism(options);
  }, prismReadyWithinMs);
  afterAll(() => prism[Symbol.asyncDispose]());

  function clientOf(drift: sdk.DriftEvent[] = []): sdk.OctaClient {
    const onDrift = (event: sdk.DriftEvent) => void drift.push(event);
    return new sdk.OctaClient({ apiKey: 'test-key', baseUrl: prism.url, retries: 0, logLevel: 'silent', onDrift });
  }

  test.each(reads)('%s decodes to what the spec says; only undeclared fields are drift', async (id) => {
    const drift: sdk.DriftEvent[] = [];
    const { data, response } = await callOf[id](clientOf(drift), {}).withResponse();
    expect(response.headers.get('sl-violations')).toBeNull();
    const declared = drift.filter(({ expected }) => expected !== 'absent');
    expect(declared.filter(({ expected, received }) => !isImpossible(expected, received))).toEqual([]);
    expect(data).toStrictEqual(decodedBy(schemaOf(id), JSON.parse(response.text)));
  });

  test.each(starts)('%s returns a session, or says why not', async (id) => {
    const outcome: unknown = await callOf[id](clientOf(), {}).catch((reason: unknown) => reason);
    const expected = [SessionResource, sdk.OctaProvisionRejectedError, sdk.OctaResponseError, sdk.OctaSessionError];
    expect(expected.filter((each) => outcome instanceof each)).toHaveLength(1);
  });

  test('Commands have no result, whatever the body says.', async () => {
    const client = clientOf();
    expect(await callOf.rebootNode(client, {})).toBeUndefined();
    expect(await callOf.updateNodePrices(client, {})).toBeUndefined();
    expect(await callOf.stopSession(client, {})).toEqual({ confirmed: false, alreadyStopped: false });
  });

  test('Downloads are files, and logs are text.', async () => {
    const client = clientOf();
    expect(await callOf.downloadNodeIdent(client, {})).toBeInstanceOf(Blob);
    expect(await callOf.downloadNodeLogs(client, {})).toBeInstanceOf(Blob);
    expect(await callOf.getIdleJobLogs(client, {})).toBeTypeOf('string');
  });
});
