/** The low-level client. */
import { expectTypeOf, test } from 'vitest';
import type { Balance, NodeDetail, OctaApi, Session, StartResult } from '../../src/index.ts';
import { OctaClient } from '../../src/index.ts';

const { api } = new OctaClient();

test('A path determines the type of its response.', async () => {
  expectTypeOf(api).toEqualTypeOf<OctaApi>();
  const balance = await api.GET('/accounts/balance');
  expectTypeOf(balance.data).toExtend<Balance | undefined>();
  expectTypeOf(balance.response).toEqualTypeOf<Response>();
  if (balance.data !== undefined) expectTypeOf(balance.data.balance).toEqualTypeOf<bigint>();
  const node = await api.GET('/nodes/{node_id}', { params: { path: { node_id: 42 } } });
  expectTypeOf(node.data).toExtend<NodeDetail | undefined>();
  expectTypeOf(node.data?.id).toEqualTypeOf<number | undefined>();
  const sessions = await api.GET('/sessions', { params: { query: { recent: true } } });
  expectTypeOf(sessions.data).toExtend<Session[] | undefined>();
  expectTypeOf(sessions.data?.map(({ charge_amount }) => charge_amount)).toEqualTypeOf<
    (bigint | undefined)[] | undefined
  >();
});

test('error has the type of an error body.', async () => {
  const { error } = await api.GET('/accounts');
  expectTypeOf(error?.message).toEqualTypeOf<string | undefined>();
  expectTypeOf(error?.error).toEqualTypeOf<string | undefined>();
});

test('A body has the type of its operation.', async () => {
  const item = { id: 0, node_id: 1, disk_size: 5, image: 'ubuntu' };
  const started = await api.POST('/services/mr', { body: [item] });
  expectTypeOf(started.data).toExtend<StartResult | StartResult[] | undefined>();
  await api.PATCH('/nodes/{node_id}/prices', { params: { path: { node_id: 1 } }, body: { base: 1n } });
  await api.POST('/services/mr', {
    // @ts-expect-error a batch is required
    body: item,
  });
  await api.POST('/services/mr', {
    body: [
      // @ts-expect-error the image is missing
      { id: 0, node_id: 1, disk_size: 5 },
    ],
  });
});

test('The body can be read in other forms, each with its own type.', async () => {
  const params = { path: { node_id: 7 } };
  const text = await api.GET('/accounts/balance', { parseAs: 'text' });
  expectTypeOf(text.data).toEqualTypeOf<string | undefined>();
  const file = await api.GET('/nodes/{node_id}/ident', { params });
  expectTypeOf(file.data).toEqualTypeOf<Blob | undefined>();
  const bytes = await api.GET('/nodes/{node_id}/ident', { params, parseAs: 'arrayBuffer' });
  expectTypeOf(bytes.data).toEqualTypeOf<ArrayBuffer | undefined>();
  // @ts-expect-error unknown form
  api.GET('/accounts/balance', { parseAs: 'yaml' });
});

test('request takes the method as its first argument.', async () => {
  const { data } = await api.request('get', '/accounts/balance');
  expectTypeOf(data).toEqualTypeOf<Balance | undefined>();
  expectTypeOf((await api.request('GET', '/network')).data?.market_price).toEqualTypeOf<number | undefined>();
});

test('request accepts unknown paths, with data of unknown type.', async () => {
  const { data, error } = await api.request('DELETE', '/billing/{id}', { params: { path: { id: 7 } }, body: {} });
  expectTypeOf(data).toEqualTypeOf<unknown>();
  expectTypeOf(error?.message).toEqualTypeOf<string | undefined>();
  // @ts-expect-error a path begins with a slash
  api.request('DELETE', 'billing');
});

test('A command has no result, and its text only if that is requested.', async () => {
  const params = { path: { uuid: 'u-1' } };
  expectTypeOf((await api.POST('/services/{uuid}/stop', { params })).data).toEqualTypeOf<undefined>();
  const text = await api.POST('/services/{uuid}/stop', { params, parseAs: 'text' });
  expectTypeOf(text.data).toEqualTypeOf<string | undefined>();
});

test('Undefined values are allowed.', () => {
  const [signal, country]: [AbortSignal | undefined, string | undefined] = [undefined, undefined];
  api.GET('/nodes', { signal, headers: undefined, parseAs: undefined, params: { query: { country } } });
});

test('Paths, methods and parameters that the API does not have do not compile.', () => {
  // @ts-expect-error unknown path
  api.GET('/v1/accounts');
  // @ts-expect-error this path has no PATCH
  api.PATCH('/accounts', {});
  // @ts-expect-error the parameters of the path are required
  api.GET('/nodes/{node_id}');
  api.GET('/nodes/{node_id}', {
    params: {
      // @ts-expect-error the parameter is node_id
      path: { id: 42 },
    },
  });
  api.GET('/sessions', {
    params: {
      query: {
        // @ts-expect-error the filter is a boolean
        recent: 'yes',
      },
    },
  });
});

test('There are hooks instead of middleware.', () => {
  // @ts-expect-error middleware is not supported
  api.use({});
  // @ts-expect-error middleware is not supported
  api.eject({});
});
