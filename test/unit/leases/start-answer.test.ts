import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OctaClient, OctaConfigurationError, type StartManyResult, type StartResult } from '../../../src/index.ts';
import { type ItemOutcome, outcomesOf, uuidsIn } from '../../../src/leases/start-answer.ts';
import { SessionResource } from '../../../src/resources/services/session.ts';
import { failure } from '../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';
import { instantClock } from '../../support/transport.ts';
import { expectRequest, type Row } from '../resources/rows.ts';

/** An outcome as text: the UUID, `!` and the reason, or `?`. */
function short(outcome: ItemOutcome): string {
  if (outcome === undefined) return '?';
  return 'uuid' in outcome ? outcome.uuid : `!${outcome.rejection.reason}`;
}

describe('the outcomes of a batch of three are assigned', () => {
  const table: [title: string, results: StartResult[], items: string, others?: string][] = [
    [
      'by the ids, in order',
      [
        { id: 0, uuid: 'a' },
        { id: 1, uuid: 'b' },
        { id: 2, uuid: 'c' },
      ],
      'a b c',
    ],
    [
      'by the ids, in any order',
      [
        { id: 2, uuid: 'c' },
        { id: 0, uuid: 'a' },
        { id: 1, uuid: 'b' },
      ],
      'a b c',
    ],
    [
      'by ids that are text',
      [
        { id: '1' as never, uuid: 'b' },
        { id: '0' as never, uuid: 'a' },
      ],
      'a b ?',
    ],
    ['by position, without ids', [{ uuid: 'a' }, { uuid: 'b' }, { uuid: 'c' }], 'a b c'],
    [
      'if some are refused',
      [
        { id: 1, reason: 'busy' },
        { id: 2, uuid: 'c' },
        { id: 0, uuid: 'a' },
      ],
      'a !busy c',
    ],
    ['by position, if some have no id', [{ uuid: 'a' }, { id: 0, uuid: 'b' }, { reason: 'busy' }], 'a b !busy'],
    ['if some are not mentioned', [{ id: 2, uuid: 'c' }], '? ? c'],
    ['if none is mentioned', [], '? ? ?'],
    [
      'if some have neither a UUID nor a refusal',
      [{ id: 0 }, { id: 1, uuid: '' }, { id: 2, status: 'queued' }],
      '? ? ?',
    ],
    ['by position, if some results are empty', [{}, { uuid: 'b' }, {}], '? b ?'],
    [
      'by position, if an id occurs twice',
      [
        { id: 1, uuid: 'a' },
        { id: 1, uuid: 'b' },
        { id: 0, uuid: 'c' },
      ],
      'a b c',
    ],
    [
      'by position, if an id is null',
      [
        { id: null as never, uuid: 'a' },
        { id: 0, uuid: 'b' },
        { id: 1, uuid: 'c' },
      ],
      'a b c',
    ],
    [
      'by position, if an id is beyond the batch',
      [
        { id: 1, uuid: 'a' },
        { id: 2, uuid: 'b' },
        { id: 3, uuid: 'c' },
      ],
      'a b c',
    ],
    [
      'by position, if ids do not belong to the batch',
      [
        { id: 7, uuid: 'a' },
        { id: -1, uuid: 'b' },
        { id: 0.5, uuid: 'c' },
      ],
      'a b c',
    ],
    [
      'with a refusal by any of its fields',
      [{ message: 'full' }, { error: 'gone' }, { status: 1 }],
      '!full !gone !status 1',
    ],
    ['with a UUID, whatever the other fields are', [{ id: 0, uuid: 'a', status: 1, reason: 'busy' }], 'a ? ?'],
    ['not, if only some are mentioned, without ids', [{ uuid: 'a' }], '? ? ?', 'a'],
    [
      'not, if an id occurs twice and one is not mentioned',
      [
        { id: 0, uuid: 'a' },
        { id: 0, uuid: 'b' },
      ],
      '? ? ?',
      'a b',
    ],
    [
      'not, if more were started than requested',
      [{ uuid: 'a' }, { uuid: 'b' }, { uuid: 'c' }, { uuid: 'd' }, { uuid: 'e' }],
      '? ? ?',
      'a b c d e',
    ],
    [
      'not, if one more was started, although the others have ids',
      [{ uuid: 'd' }, { id: 0, uuid: 'a' }, { id: 1, uuid: 'b' }, { id: 2, uuid: 'c' }],
      '? ? ?',
      'd a b c',
    ],
    [
      'not, if more were refused than requested',
      [{ uuid: 'a' }, { uuid: 'b' }, { reason: 'busy' }, {}],
      '? ? ?',
      'a b',
    ],
  ];
  test.each(table)('%s', (_, results, wanted, besides = '') => {
    const { items, others } = outcomesOf(results, 3);
    expect([items.map(short).join(' '), others.join(' ')]).toEqual([wanted, besides]);
  });
});

test('A refusal keeps its id, its reason and its status.', () => {
  const result = { id: 1, reason: 'Node not found', message: 'other words', status: 1 };
  expect(outcomesOf([result], 2)).toEqual({
    items: [undefined, { rejection: { id: 1, reason: 'Node not found', status: 1 } }],
    others: [],
  });
});

test('Whatever the response, no session in it is lost, and each item has one outcome.', () => {
  const id = fc.oneof(fc.nat(6), fc.constantFrom(undefined, -1, 0.5, Number.NaN, 1e9));
  const result = fc.oneof(
    fc.record({ id, uuid: fc.uuid() }),
    fc.record({ id, reason: fc.constantFrom('busy', undefined), status: fc.constantFrom(1, 0, 'queued', undefined) }),
  );
  fc.assert(
    fc.property(fc.array(result, { maxLength: 10 }), fc.nat(6), (results, count) => {
      const given = results as StartResult[];
      const { items, others } = outcomesOf(given, count);
      const started = items.flatMap((outcome) => (outcome !== undefined && 'uuid' in outcome ? [outcome.uuid] : []));
      const uuids = given.flatMap(({ uuid }) => uuid ?? []);
      expect([...started, ...others].sort()).toEqual(uuids.sort());
      expect(items).toHaveLength(count);
      const ids = given.map((each) => each.id);
      const areItems = ids.every((each) => Number.isInteger(each) && Number(each) >= 0 && Number(each) < count);
      if (!areItems || new Set(ids).size !== ids.length) return;
      // Then each is at the position of its id, and no session is left over.
      for (const { id: named, uuid } of given) if (uuid !== undefined) expect(items[Number(named)]).toEqual({ uuid });
      expect(others).toEqual([]);
    }),
    { seed: 20_261_122, numRuns: 500 },
  );
});

test('Each session of one start is returned once.', () => {
  expect(uuidsIn([{ uuid: 'a' }, {}, { uuid: '' }, { uuid: 'b' }, { uuid: 'a' }])).toEqual(['a', 'b']);
});

const order = { node_id: 9010, disk_size: 50, image: 'ubuntu:24.04' };
const rest = '"app":"","envs":{},"ports":[],"http_ports":[],"start_command":"","entrypoint":""';

/** A result as text, like an outcome. */
function shortResult(result: StartManyResult): string {
  if (result.status === 'unknown') return '?';
  return result.status === 'started' ? result.session.uuid : `!${result.rejection.reason}`;
}

describe('startMany sends', () => {
  const rows: readonly Row[] = [
    [
      'all items in one request, numbered',
      (client) => client.services.mr.startMany([order, { ...order, node_id: 9011, ports: [22], app: 'a-1' }]),
      `POST /services/mr [{"id":0,${rest},"node_id":9010,"disk_size":50,"image":"ubuntu:24.04"},{"id":1,"app":"a-1","envs":{},"ports":[22],"http_ports":[],"start_command":"","entrypoint":"","node_id":9011,"disk_size":50,"image":"ubuntu:24.04"}]`,
    ],
    [
      'additional fields in each item, and a query',
      (client) => client.services.mr.startMany([order, order], { query: { dry: true }, body: { priority: 'high' } }),
      `POST /services/mr?dry=true [{"id":0,${rest},"node_id":9010,"disk_size":50,"image":"ubuntu:24.04","priority":"high"},{"id":1,${rest},"node_id":9010,"disk_size":50,"image":"ubuntu:24.04","priority":"high"}]`,
    ],
  ];
  test.each(rows)('%s', (...row) => expectRequest(row, '[{"uuid":"u-1"}]'));
});

/** A client whose starts get this response, and whose account has these sessions; nothing takes real time. */
function clientFor(answer: string, sessions = '[]') {
  const answerTo = (method: string) => jsonAnswer(method === 'GET' ? sessions : answer);
  const clock = instantClock();
  return { ...recordingClient(answerTo, { clock }), clock };
}

describe('startMany returns the outcome of each item', () => {
  const table: [title: string, answer: string, results: string[]][] = [
    ['in the order of the items', '[{"id":1,"uuid":"u-2"},{"id":0,"uuid":"u-1"}]', ['u-1', 'u-2']],
    [
      'if some are refused',
      '[{"id":0,"reason":"Node not found","status":1},{"id":1,"uuid":"u-2"}]',
      ['!Node not found', 'u-2'],
    ],
    ['if the response omits some', '[{"id":1,"uuid":"u-2"}]', ['?', 'u-2']],
    ['if the response omits all', '[]', ['?', '?']],
    ['if the response is one object, which may be any of them', '{"uuid":"u-1"}', ['?', '?', 'u-1']],
    ['if items of the response are null', '[null,{"id":1,"uuid":"u-2"}]', ['?', 'u-2']],
    [
      'if more were started than requested, and drops none',
      '[{"uuid":"u-1"},{"uuid":"u-2"},{"reason":"x"},{"uuid":"u-3"}]',
      ['?', '?', 'u-1', 'u-2', 'u-3'],
    ],
  ];
  test.each(table)('%s', async (_, answer, results) => {
    const { client } = clientFor(answer);
    const given = await client.services.mr.startMany([order, order]);
    expect(Array.from(given, shortResult)).toEqual(results);
  });

  test('with sessions that can be stopped', async () => {
    const { client, requests } = recordingClient(() => jsonAnswer('[{"id":0,"uuid":"u-1"}]'));
    const [result] = await client.services.mr.startMany([order]);
    if (result?.status !== 'started') throw new Error('not started');
    expect(result.session).toBeInstanceOf(SessionResource);
    await result.session.stop();
    expect(requests.at(-1)).toBe('POST /services/u-1/stop');
  });

  test('without the API key in the reason of a refusal', async () => {
    const { client } = recordingClient(() => jsonAnswer('[{"id":0,"reason":"no test-key here","status":1}]'));
    expect(await client.services.mr.startMany([order])).toEqual([
      { status: 'rejected', rejection: { id: 0, reason: 'no [API key] here', status: 1 } },
    ]);
  });
});

test('startMany does not throw if every item is refused.', async () => {
  const { client } = recordingClient(() => jsonAnswer('[{"id":0,"reason":"a"},{"id":1,"reason":"b"}]'));
  const results = await client.services.mr.startMany([order, order]);
  expect(results.map(shortResult)).toEqual(['!a', '!b']);
});

describe('startMany sends nothing', () => {
  const app = { uuid: 'a-1', name: 'One', image: 'one', ports: [], http_ports: [] };
  const empty = 'the items of startMany must be a non-empty array';
  const wrong: [title: string, given: unknown, message: string][] = [
    ['for an empty array', [], empty],
    ['for one item without an array', order, empty],
    ['for undefined', undefined, empty],
    ['for a string', 'orders', empty],
    ['if an item has no image', [order, { node_id: 1, disk_size: 5 }], '[1].image is missing'],
    ['if an item has no node', [order, order, { disk_size: 5, image: 'x' }], '[2].node_id is missing'],
    ['if an item is null', [order, null], '[1].node_id is missing'],
    ['if a field is not a number', [{ ...order, disk_size: Number.NaN }], 'disk_size is NaN; allowed: a finite number'],
    [
      'if no disk size is known',
      [order, { node_id: 1, app }],
      'disk_size is required, because the app "One" does not state its minimum disk size',
    ],
  ];
  test.each(wrong)('%s', async (_, given, message) => {
    const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'));
    // Values that a caller without types may pass.
    const starts = given as Parameters<OctaClient['services']['mr']['startMany']>[0];
    const error = await failure(client.services.mr.startMany(starts), OctaConfigurationError);
    expect(error.message).toBe(message);
    expect(requests).toEqual([]);
  });
});
