import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OctaClient, OctaConfigurationError, type StartManyResult, type StartResult } from '../../../src/index.ts';
import { type ItemOutcome, outcomesOf, uuidsIn } from '../../../src/leases/start-answer.ts';
import { SessionResource } from '../../../src/resources/services/session.ts';
import { failure } from '../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';
import { instantClock } from '../../support/transport.ts';
import { expectRequest, type Row } from '../resources/rows.ts';

/** An outcome in short: the uuid, `!` and the reason, or `?`. */
function short(outcome: ItemOutcome): string {
  if (outcome === undefined) return '?';
  return 'uuid' in outcome ? outcome.uuid : `!${outcome.rejection.reason}`;
}

describe('the outcomes of a batch of three are told apart', () => {
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
    ['by their places, without ids', [{ uuid: 'a' }, { uuid: 'b' }, { uuid: 'c' }], 'a b c'],
    [
      'when some are refused',
      [
        { id: 1, reason: 'busy' },
        { id: 2, uuid: 'c' },
        { id: 0, uuid: 'a' },
      ],
      'a !busy c',
    ],
    ['by their places, when some have no id', [{ uuid: 'a' }, { id: 0, uuid: 'b' }, { reason: 'busy' }], 'a b !busy'],
    ['when some are not mentioned', [{ id: 2, uuid: 'c' }], '? ? c'],
    ['when none is mentioned', [], '? ? ?'],
    ['when some say nothing', [{ id: 0 }, { id: 1, uuid: '' }, { id: 2, status: 'queued' }], '? ? ?'],
    ['when something that says nothing takes its place', [{}, { uuid: 'b' }, {}], '? b ?'],
    [
      'by their places, when an id comes twice',
      [
        { id: 1, uuid: 'a' },
        { id: 1, uuid: 'b' },
        { id: 0, uuid: 'c' },
      ],
      'a b c',
    ],
    [
      'by their places, when an id is null',
      [
        { id: null as never, uuid: 'a' },
        { id: 0, uuid: 'b' },
        { id: 1, uuid: 'c' },
      ],
      'a b c',
    ],
    [
      'by their places, when an id is beyond the batch',
      [
        { id: 1, uuid: 'a' },
        { id: 2, uuid: 'b' },
        { id: 3, uuid: 'c' },
      ],
      'a b c',
    ],
    [
      'by their places, when ids are none of the batch',
      [
        { id: 7, uuid: 'a' },
        { id: -1, uuid: 'b' },
        { id: 0.5, uuid: 'c' },
      ],
      'a b c',
    ],
    ['by any word for a refusal', [{ message: 'full' }, { error: 'gone' }, { status: 1 }], '!full !gone !status 1'],
    ['by the uuid, whatever else is said', [{ id: 0, uuid: 'a', status: 1, reason: 'busy' }], 'a ? ?'],
    ['not, when the first ones are mentioned without ids', [{ uuid: 'a' }], '? ? ?', 'a'],
    [
      'not, when an id comes twice and one is not mentioned',
      [
        { id: 0, uuid: 'a' },
        { id: 0, uuid: 'b' },
      ],
      '? ? ?',
      'a b',
    ],
    [
      'not, when more were started than asked for',
      [{ uuid: 'a' }, { uuid: 'b' }, { uuid: 'c' }, { uuid: 'd' }, { uuid: 'e' }],
      '? ? ?',
      'a b c d e',
    ],
    [
      'not, when one more was started, although the others have ids',
      [{ uuid: 'd' }, { id: 0, uuid: 'a' }, { id: 1, uuid: 'b' }, { id: 2, uuid: 'c' }],
      '? ? ?',
      'd a b c',
    ],
    [
      'not, when more were refused than asked for',
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

test('A refusal keeps its id, its words and its status.', () => {
  const result = { id: 1, reason: 'Node not found', message: 'other words', status: 1 };
  expect(outcomesOf([result], 2)).toEqual({
    items: [undefined, { rejection: { id: 1, reason: 'Node not found', status: 1 } }],
    others: [],
  });
});

test('Whatever the answer, no session in it is lost, and there is one outcome for each item.', () => {
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
      // Then each is where its id says, and nothing is left over.
      for (const { id: named, uuid } of given) if (uuid !== undefined) expect(items[Number(named)]).toEqual({ uuid });
      expect(others).toEqual([]);
    }),
    { seed: 20_261_122, numRuns: 500 },
  );
});

test('The sessions of one start are each named once.', () => {
  expect(uuidsIn([{ uuid: 'a' }, {}, { uuid: '' }, { uuid: 'b' }, { uuid: 'a' }])).toEqual(['a', 'b']);
});

const order = { node_id: 9010, disk_size: 50, image: 'ubuntu:24.04' };
const rest = '"app":"","envs":{},"ports":[],"http_ports":[],"start_command":"","entrypoint":""';

/** A result in short, like an outcome. */
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
      'what the caller adds, in each item',
      (client) => client.services.mr.startMany([order, order], { query: { dry: true }, body: { priority: 'high' } }),
      `POST /services/mr?dry=true [{"id":0,${rest},"node_id":9010,"disk_size":50,"image":"ubuntu:24.04","priority":"high"},{"id":1,${rest},"node_id":9010,"disk_size":50,"image":"ubuntu:24.04","priority":"high"}]`,
    ],
  ];
  test.each(rows)('%s', (...row) => expectRequest(row, '[{"uuid":"u-1"}]'));
});

/** A client whose starts are answered so, and whose account shows these sessions; nothing takes real time. */
function clientFor(answer: string, sessions = '[]') {
  const answerTo = (method: string) => jsonAnswer(method === 'GET' ? sessions : answer);
  const clock = instantClock();
  return { ...recordingClient(answerTo, { clock }), clock };
}

describe('startMany gives what became of each item', () => {
  const table: [title: string, answer: string, results: string[]][] = [
    ['in the order of the items', '[{"id":1,"uuid":"u-2"},{"id":0,"uuid":"u-1"}]', ['u-1', 'u-2']],
    [
      'when some are refused',
      '[{"id":0,"reason":"Node not found","status":1},{"id":1,"uuid":"u-2"}]',
      ['!Node not found', 'u-2'],
    ],
    ['when the answer is silent about some', '[{"id":1,"uuid":"u-2"}]', ['?', 'u-2']],
    ['when the answer is silent about all', '[]', ['?', '?']],
    ['when the answer is one object, which may be any of them', '{"uuid":"u-1"}', ['?', '?', 'u-1']],
    ['when items of the answer are nothing', '[null,{"id":1,"uuid":"u-2"}]', ['?', 'u-2']],
    [
      'when more was started than asked for, and drops none',
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

  test('without the API key in the words of a refusal', async () => {
    const { client } = recordingClient(() => jsonAnswer('[{"id":0,"reason":"no test-key here","status":1}]'));
    expect(await client.services.mr.startMany([order])).toEqual([
      { status: 'rejected', rejection: { id: 0, reason: 'no [API key] here', status: 1 } },
    ]);
  });
});

test('startMany throws nothing when every item is refused.', async () => {
  const { client } = recordingClient(() => jsonAnswer('[{"id":0,"reason":"a"},{"id":1,"reason":"b"}]'));
  const results = await client.services.mr.startMany([order, order]);
  expect(results.map(shortResult)).toEqual(['!a', '!b']);
});

describe('startMany sends nothing', () => {
  const app = { uuid: 'a-1', name: 'One', image: 'one', ports: [], http_ports: [] };
  const empty = 'the items of startMany must be a non-empty array';
  const wrong: [title: string, given: unknown, message: string][] = [
    ['for no item', [], empty],
    ['for one item without a list', order, empty],
    ['for nothing', undefined, empty],
    ['for text', 'orders', empty],
    ['when an item has no image', [order, { node_id: 1, disk_size: 5 }], '[1].image is missing'],
    ['when an item has no node', [order, order, { disk_size: 5, image: 'x' }], '[2].node_id is missing'],
    ['when an item is nothing', [order, null], '[1].node_id is missing'],
    [
      'when an item is not missing but odd',
      [{ ...order, disk_size: Number.NaN }],
      'disk_size is NaN: a finite number is needed',
    ],
    [
      'when no disk size is known',
      [order, { node_id: 1, app }],
      'disk_size is required, because the app "One" does not state its minimum disk size',
    ],
  ];
  test.each(wrong)('%s', async (_, given, message) => {
    const { client, requests } = recordingClient(() => jsonAnswer('[{"uuid":"u-1"}]'));
    // What a caller without types may pass.
    const starts = given as Parameters<OctaClient['services']['mr']['startMany']>[0];
    const error = await failure(client.services.mr.startMany(starts), OctaConfigurationError);
    expect(error.message).toBe(message);
    expect(requests).toEqual([]);
  });
});
