/** Every documented answer of every operation, served by a mock of the spec over real HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OperationId, operations } from '../../generated/operations.ts';
import * as sdk from '../../src/index.ts';
import { SessionResource } from '../../src/resources/services/session.ts';
import { type Prism, prismReadyWithinMs, startPrism } from '../support/prism.ts';
import { type Documented, documented } from '../support/spec.ts';
import { callOf } from './calls.ts';
import { decodedBy } from './decoded.ts';

const key = 'test-key-of-the-contract';
const ids = Object.keys(operations) as OperationId[];
const failures = documented.filter(({ status }) => status >= 400);
const successes = documented.filter(({ status }) => status < 300);

const classByStatus: Readonly<Record<number, typeof sdk.OctaApiError>> = {
  400: sdk.OctaBadRequestError,
  401: sdk.OctaAuthenticationError,
  403: sdk.OctaPermissionError,
  404: sdk.OctaNotFoundError,
  409: sdk.OctaConflictError,
  422: sdk.OctaValidationError,
  429: sdk.OctaRateLimitError,
  500: sdk.OctaServerError,
  502: sdk.OctaBadGatewayError,
  503: sdk.OctaServiceUnavailableError,
  504: sdk.OctaGatewayTimeoutError,
};

let prism: Prism;
beforeAll(async () => {
  prism = await startPrism();
}, prismReadyWithinMs);
afterAll(() => prism[Symbol.asyncDispose]());

function clientOf(options: sdk.OctaClientOptions = {}): sdk.OctaClient {
  return new sdk.OctaClient({ apiKey: key, baseUrl: prism.url, retries: 0, logLevel: 'silent', ...options });
}

/** Asks for one documented answer. The examples of 429 and 503 say to wait 30 s, so nothing is tried again. */
function preferring({ status, example }: Documented): sdk.RequestOptions {
  return { retries: 0, headers: { Prefer: `code=${status}, example=${example}` } };
}

function titled(answers: readonly Documented[]): [string, Documented][] {
  return answers.map((each) => [`${each.id} ${each.status} ${each.example}`, each]);
}

/** Logs of the examples as text. */
const logs: Readonly<Record<string, string>> = {
  typical: 'hello world',
  plainText: 'Worker started\nfound 1 GPU\n',
  lines: 'Worker started\nfound 1 GPU',
};

/** The uuid in the answer to a start, which is one result or a batch of them. */
function startedUuid(value: unknown): unknown {
  return [value]
    .flat()
    .map((result) => Object(result).uuid)
    .find((uuid) => uuid !== undefined);
}

/** What the method makes of an example: the text of a file, the uuid of a new session, or the decoded answer. */
function resultFrom({ id, example, value, schema }: Documented): unknown {
  const { effect, answer } = operations[id];
  if (id === 'stopSession') return { confirmed: false, alreadyStopped: false };
  if (effect === 'billable') return { uuid: startedUuid(value) };
  if (answer === 'none') return undefined;
  if (answer === 'log') return logs[example] ?? 'not in the table above';
  return answer === 'bytes' ? value : decodedBy(schema, value);
}

async function comparable(data: unknown): Promise<unknown> {
  if (data instanceof Blob) return data.text();
  return data instanceof SessionResource ? { uuid: data.uuid } : data;
}

test('Every operation has a call, and documents a success and an error.', () => {
  expect(Object.keys(callOf).sort()).toEqual([...ids].sort());
  expect(new Set(successes.map(({ id }) => id))).toEqual(new Set(ids));
  expect(new Set(failures.map(({ id }) => id))).toEqual(new Set(ids));
});

describe('a request of the method matches the spec, and gets the first documented response', () => {
  test.each(ids)('%s', async (id) => {
    const { data, response } = await callOf[id](clientOf(), {}).withResponse();
    const { status, headers, requestId } = response;
    const first = successes.find((each) => each.id === id);
    if (first === undefined) throw new Error('no success is documented');
    expect({ status, requestId, violations: headers.get('sl-violations') }).toEqual({
      status: first.status,
      requestId: '5f2b8c1e-7c52-4d5a-9d3b-0a6d7d7f3b11',
      violations: null,
    });
    expect(await comparable(data)).toStrictEqual(resultFrom(first));
  });
});

describe('an error status becomes an error of its class, with body and headers', () => {
  test.each(titled(failures))('%s', async (_, each) => {
    const error: unknown = await callOf[each.id](clientOf(), preferring(each)).catch((reason: unknown) => reason);
    const { status, value } = each;
    const expected = classByStatus[status];
    if (expected === undefined || !(error instanceof expected)) throw error;
    const { name, body, headers, request, requestId, retryAfter, outcome, message } = error;
    expect({ name, status: error.status, body }).toEqual({ name: expected.className, status, body: value });
    expect(message).toBe(`${each.id}: ${status}: ${Object.values(Object(value)).join()}`);
    expect({ requestId, violations: headers['sl-violations'] }).toEqual({
      requestId: '5f2b8c1e-7c52-4d5a-9d3b-0a6d7d7f3b11',
      violations: undefined,
    });
    expect(retryAfter).toBe(status === 429 || status === 503 ? 30 : undefined);
    expect(outcome).toBe(status < 500 ? 'rejected' : 'unknown');
    expect(request).toMatchObject({ operation: each.id, method: operations[each.id].method });
  });
});

const refused = successes.filter(({ example }) => example === 'rejected');

describe('an example of a success decodes to what the spec says, without any drift', () => {
  test.each(titled(successes.filter((each) => !refused.includes(each))))('%s', async (_, each) => {
    const drift: sdk.DriftEvent[] = [];
    const client = clientOf({ onDrift: (event) => void drift.push(event) });
    const { data, response } = await callOf[each.id](client, preferring(each)).withResponse();
    const { status, headers } = response;
    expect({ drift, status, violations: headers.get('sl-violations') }).toEqual({
      drift: [],
      status: each.status,
      violations: null,
    });
    expect(await comparable(data)).toStrictEqual(resultFrom(each));
  });
});

describe('an example of a refusal within a success throws with every reason', () => {
  test.each(titled(refused))('%s', async (_, each) => {
    const drift: sdk.DriftEvent[] = [];
    const client = clientOf({ onDrift: (event) => void drift.push(event) });
    const error: unknown = await callOf[each.id](client, preferring(each)).catch((reason: unknown) => reason);
    if (!(error instanceof sdk.OctaProvisionRejectedError)) throw error;
    expect(error.rejections).toEqual(each.value);
    expect(error.outcome).toBe('rejected');
    expect(drift).toEqual([]);
  });
});
