/** What the mock says about requests: wrong ones are refused, and `client.api` sends right ones too. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OctaAuthenticationError, OctaClient, type OctaClientOptions, OctaValidationError } from '../../src/index.ts';
import { type Prism, prismReadyWithinMs, startPrism } from '../support/prism.ts';

let prism: Prism;
beforeAll(async () => {
  prism = await startPrism();
}, prismReadyWithinMs);
afterAll(() => prism[Symbol.asyncDispose]());

function clientOf(options: OctaClientOptions = {}): OctaClient {
  return new OctaClient({
    apiKey: 'test-key-of-the-contract',
    baseUrl: prism.url,
    retries: 0,
    logLevel: 'silent',
    ...options,
  });
}

interface Violation {
  readonly location: readonly string[];
  readonly code: string;
}

/** Places and reasons of what the mock found wrong: in a header, or in the body where no 422 is documented. */
function violations({ headers, body }: Pick<OctaValidationError, 'headers' | 'body'>): string[] {
  const inHeader = headers['sl-violations'];
  const found: Violation[] = inHeader === undefined ? Object(body).validation : JSON.parse(inHeader);
  return found.map(({ location, code }) => `${location.filter((step) => step !== 'request').join('.')}: ${code}`);
}

async function refusal(call: PromiseLike<unknown>): Promise<OctaValidationError> {
  const error = await Promise.resolve(call).catch((reason: unknown) => reason);
  if (error instanceof OctaValidationError) return error;
  throw new Error('the mock did not refuse the request', { cause: error });
}

test('The API key travels as the spec says: without it a protected call is refused.', async () => {
  const error = await clientOf({ apiKey: '' })
    .accounts.get()
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(OctaAuthenticationError);
  expect(error).toMatchObject({ status: 401, outcome: 'rejected' });
});

test('The public calls need no key.', async () => {
  const { network, apps } = new OctaClient({ baseUrl: prism.url, retries: 0 });
  expect((await network.get()).market_price).toBe(0.104);
  expect((await apps.list()).map(({ ports }) => ports)).toEqual([[5000, 6000], [22], []]);
});

test('A wrong field in the body option reaches the API, and the caller gets its error.', async () => {
  const start = { node_id: 9010, disk_size: 50, image: 'ubuntu:24.04' };
  const error = await refusal(clientOf().services.mr.start(start, { body: { disk_size: 'large' } }));
  expect(error).toMatchObject({ status: 422, outcome: 'rejected', body: { error: 'Invalid params' } });
  expect(violations(error)).toEqual(['body.0.disk_size: type']);
});

test('A rating outside of 1 to 5 is refused by the API.', async () => {
  const error = await refusal(
    clientOf()
      .services.session('5dd2d308')
      .stop({ body: { score: 6 } }),
  );
  expect(violations(error)).toEqual(['body.score: maximum']);
});

test('A node id that is not a number is refused by the API.', async () => {
  const error = await refusal(clientOf().nodes.get('first'));
  expect(violations(error)).toEqual(['path.node_id: type']);
});

test('An unknown subkind given through the body option is refused by the API.', async () => {
  const error = await refusal(clientOf().services.vpn.start({ node_id: 9539 }, { body: { subkind: 'pptp' } }));
  expect(violations(error)).toEqual(['body.subkind: enum']);
});

test('Prices reach the API as plain integers, in any given form.', async () => {
  const prices = { base: 31428028938060847852n, storage: 900_000_000_000, traffic: '31428028938060847852' };
  const { response } = await clientOf().nodes.updatePrices(9010, prices).withResponse();
  expect([response.status, response.headers.get('sl-violations')]).toEqual([200, null]);
});

test('client.api reads with the same key, and decodes exactly.', async () => {
  const { api } = clientOf({ headers: { Prefer: 'example=beyond64Bits' } });
  const { data, response } = await api.GET('/accounts/balance');
  expect(data?.balance).toBe(31428028938060847852n);
  expect([response.status, response.headers.get('sl-violations')]).toEqual([200, null]);
});

test('client.api fills paths and queries as the spec says.', async () => {
  const { api } = clientOf();
  const node = await api.GET('/nodes/{node_id}', { params: { path: { node_id: 9010 } } });
  const sessions = await api.GET('/sessions', { params: { query: { recent: true } } });
  expect([node, sessions].map(({ response }) => response.headers.get('sl-violations'))).toEqual([null, null]);
  expect(node.data?.id).toBe(9010);
  expect(sessions.data?.map(({ node_id }) => node_id)).toEqual([9010, 9539]);
});

test("client.api starts with a valid body, and returns the API's error for an invalid one.", async () => {
  const { api } = clientOf();
  const body = [{ id: 0, node_id: 9010, disk_size: 50, image: 'ubuntu:24.04' }];
  const started = await api.POST('/services/mr', { body });
  expect(started.data).toEqual([{ uuid: '5dd2d308-db91-4bda-86ff-e512d711b363' }]);
  const [first] = body;
  const wrong = [{ ...first, disk_size: 0 }] as typeof body;
  const refused = await api.POST('/services/mr', { body: wrong });
  expect(refused.response.status).toBe(422);
  expect(refused.error).toEqual({ error: 'Invalid params' });
  expect(violations({ headers: Object.fromEntries(refused.response.headers), body: undefined })).toEqual([
    'body.0.disk_size: minimum',
  ]);
});
