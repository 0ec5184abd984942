import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type OctaClient,
  OctaConfigurationError,
  type StartManyResult,
  type StartResult,
} from '../../../../src/index.ts';
import { type ItemOutcome, outcomesOf } from '../../../../src/resources/services/batch.ts';
import { SessionResource } from '../../../../src/resources/services/session.ts';
import { failure } from '../../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../../support/recording.ts';
import { expectRequest, type Row } from '../rows.ts';

/** An outcome in short: the uuid, `!` and the reason, or `?`. */
function short(outcome: ItemOutcome): string {
  if (outcome === undefined) return '?';
  return 'uuid' in outcome ? outcome.uuid : `!${outcome.rejection.reason}`;
}

describe('the outcomes of a batch of three are told apart', () => {
  const table: [title: string, results: StartResult[], outcomes: string[]][] = [
    [
      'by the ids, in order',
      [
        { id: 0, uuid: 'a' },
        { id: 1, uuid: 'b' },
        { id: 2, uuid: 'c' },
      ],
      ['a', 'b', 'c'],
    ],
    [
      'by the ids, in any order',
      [
        { id: 2, uuid: 'c' },
        { id: 0, uuid: 'a' },
        { id: 1, uuid: 'b' },
      ],
      ['a', 'b', 'c'],
    ],
    ['by their places, without ids', [{ uuid: 'a' }, { uuid: 'b' }, { uuid: 'c' }], ['a', 'b', 'c']],
    [
      'when some are refused',
      [
        { id: 1, reason: 'busy' },
        { id: 2, uuid: 'c' },
        { id: 0, uuid: 'a' },
      ],
      ['a', '!busy', 'c'],
    ],
    ['when some have no id', [{ uuid: 'b' }, { id: 0, uuid: 'a' }, { reason: 'busy' }], ['a', 'b', '!busy']],
    ['when some are not mentioned', [{ id: 2, uuid: 'c' }], ['?', '?', 'c']],
    ['when none is mentioned', [], ['?', '?', '?']],
    ['when the first ones are mentioned without ids', [{ uuid: 'a' }], ['a', '?', '?']],
    ['when some say nothing', [{ id: 0 }, { id: 1, uuid: '' }, { id: 2, status: 'queued' }], ['?', '?', '?']],
    ['when something that says nothing takes its place', [{}, { uuid: 'b' }, {}], ['?', 'b', '?']],
    [
      'when an id comes twice',
      [
        { id: 0, uuid: 'a' },
        { id: 0, uuid: 'b' },
      ],
      ['a', 'b', '?'],
    ],
    [
      'when an id comes twice, and the place is taken',
      [
        { id: 1, uuid: 'b' },
        { id: 1, uuid: 'c' },
        { id: 0, uuid: 'a' },
      ],
      ['a', 'b', 'c'],
    ],
    [
      'when ids are none of the batch',
      [
        { id: 7, uuid: 'a' },
        { id: -1, uuid: 'b' },
        { id: 0.5, uuid: 'c' },
      ],
      ['a', 'b', 'c'],
    ],
    [
      'when an id is beyond the batch, by the place that is left',
      [
        { id: 1, uuid: 'b' },
        { id: 2, uuid: 'c' },
        { id: 3, uuid: 'a' },
      ],
      ['a', 'b', 'c'],
    ],
    [
      'by any word for a refusal',
      [{ message: 'full' }, { error: 'gone' }, { status: 1 }],
      ['!full', '!gone', '!status 1'],
    ],
    ['by the uuid, whatever else is said', [{ id: 0, uuid: 'a', status: 1, reason: 'busy' }], ['a', '?', '?']],
    [
      'when more were started than asked for',
      [{ uuid: 'a' }, { uuid: 'b' }, { uuid: 'c' }, { uuid: 'd' }, { uuid: 'e' }],
      ['a', 'b', 'c', 'd', 'e'],
    ],
    [
      'when one more was started, in between',
      [{ uuid: 'd' }, { id: 0, uuid: 'a' }, { id: 1, uuid: 'b' }, { id: 2, uuid: 'c' }],
      ['a', 'b', 'c', 'd'],
    ],
    [
      'when more were refused than asked for',
      [{ uuid: 'a' }, { uuid: 'b' }, { uuid: 'c' }, { reason: 'busy' }, {}],
      ['a', 'b', 'c'],
    ],
    [
      'when refusals that nobody asked for come before a session that nobody asked for',
      [{ uuid: 'a' }, { uuid: 'b' }, { uuid: 'c' }, { reason: 'busy' }, {}, { uuid: 'd' }],
      ['a', 'b', 'c', 'd'],
    ],
  ];
  test.each(table)('%s', (_, results, outcomes) => {
    const given = outcomesOf(results, 3);
    expect(Array.from(given, short)).toEqual(outcomes);
  });
});

test('A refusal keeps its id, its words and its status.', () => {
  const result = { id: 1, reason: 'Node not found', message: 'other words', status: 1 };
  expect(outcomesOf([result], 2)).toEqual([undefined, { rejection: { id: 1, reason: 'Node not found', status: 1 } }]);
});

test('Whatever the answer, no session in it is lost, and there is an outcome for each item.', () => {
  const id = fc.oneof(fc.nat(6), fc.constantFrom(undefined, -1, 0.5, Number.NaN, 1e9));
  const result = fc.oneof(
    fc.record({ id, uuid: fc.uuid() }),
    fc.record({ id, reason: fc.constantFrom('busy', undefined), status: fc.constantFrom(1, 0, 'queued', undefined) }),
  );
  fc.assert(
    fc.property(fc.array(result, { maxLength: 10 }), fc.nat(6), (results, count) => {
      const given = results as StartResult[];
      const outcomes = [...outcomesOf(given, count)];
      const started = outcomes.flatMap((outcome) => (outcome !== undefined && 'uuid' in outcome ? [outcome.uuid] : []));
      const uuids = given.flatMap(({ uuid }) => uuid ?? []);
      expect(started.sort()).toEqual(uuids.sort());
      expect(outcomes.length).toBeGreaterThanOrEqual(count);
      const beyond = outcomes.slice(count);
      expect(beyond.filter((outcome) => outcome === undefined || !('uuid' in outcome))).toEqual([]);
      for (const { id: named, uuid } of given) {
        const only = given.filter((other) => other.id === named).length === 1;
        if (uuid !== undefined && only && Number.isInteger(named) && Number(named) >= 0 && Number(named) < count) {
          expect(outcomes[Number(named)]).toEqual({ uuid });
        }
      }
    }),
    { seed: 20_261_122, numRuns: 500 },
  );
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
    ['when the answer is one object', '{"uuid":"u-1"}', ['u-1', '?']],
    ['when items of the answer are nothing', '[null,{"id":1,"uuid":"u-2"}]', ['?', 'u-2']],
    [
      'when more was started than asked for',
      '[{"uuid":"u-1"},{"uuid":"u-2"},{"reason":"x"},{"uuid":"u-3"}]',
      ['u-1', 'u-2', 'u-3'],
    ],
  ];
  test.each(table)('%s', async (_, answer, results) => {
    const { client } = recordingClient(() => jsonAnswer(answer));
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
  const empty = 'startMany needs a list of at least one item';
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
      'disk_size is needed: the app "One" does not say how much it needs',
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
