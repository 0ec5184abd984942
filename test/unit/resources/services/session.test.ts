import { describe, expect, test } from 'vitest';
import { OctaConfigurationError, OctaNotFoundError } from '../../../../src/index.ts';
import { failure } from '../../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../../support/recording.ts';
import { expectRequest, type Row } from '../rows.ts';

const rows: readonly Row[] = [
  ['info reads the session', (client) => client.services.session('u-1').info(), 'GET /services/u-1/info'],
  ['logs reads the logs', (client) => client.services.session('u-1').logs(), 'GET /services/u-1/logs'],
  [
    'logs requests those of an ended session',
    (client) => client.services.session('u-1').logs({ recent: true }),
    'GET /services/u-1/logs?recent=true',
  ],
  [
    'logs omits a false filter',
    (client) => client.services.session('u-1').logs({ recent: false, query: { tail: 5 } }),
    'GET /services/u-1/logs?tail=5',
  ],
  ['stop has no body without a rating', (client) => client.services.session('u-1').stop(), 'POST /services/u-1/stop'],
  [
    'stop sends a rating',
    (client) => client.services.session('u-1').stop({ score: 5 }),
    'POST /services/u-1/stop {"score":5}',
  ],
  [
    'stop sends additional fields and parameters',
    (client) => client.services.session('u-1').stop({ body: { reason: 'done' }, query: { force: true } }),
    'POST /services/u-1/stop?force=true {"reason":"done"}',
  ],
  [
    'A UUID stays one segment of the path',
    (client) => client.services.session('../u 1/stop?').info(),
    'GET /services/..%2Fu%201%2Fstop%3F/info',
  ],
];

test.each(rows)('%s', (...row) => expectRequest(row, '{"uuid":"u-1","system":[],"container":""}'));

test('Creating the object of a session sends nothing.', () => {
  const { client, requests } = recordingClient(() => jsonAnswer('{}'));
  expect(client.services.session('u-1').uuid).toBe('u-1');
  expect(requests).toEqual([]);
});

test.each([[''], [' '], ['.'], ['..'], [undefined]])('Nothing is sent for the uuid %j.', async (uuid) => {
  const { client, requests } = recordingClient(() => jsonAnswer('{}'));
  // Values that a caller without types may pass.
  const error = await failure(client.services.session(uuid as string).stop(), OctaConfigurationError);
  expect(error.message).toMatch(/^uuid is /);
  expect(requests).toEqual([]);
});

describe('stop', () => {
  const fast = { retries: 2, retryDelayMs: 0 };

  test.each(['', '{}', '{"status":"stopped"}', '<html>'])(
    'does not accept the response %j as a proof',
    async (answer) => {
      const { client } = recordingClient(() => jsonAnswer(answer));
      expect(await client.services.session('u-1').stop()).toEqual({ confirmed: false, alreadyStopped: false });
    },
  );

  test('succeeds if an attempt whose response was lost had stopped the session', async () => {
    const answers = [jsonAnswer('{}', 502), jsonAnswer('{"error":"Session not found"}', 404)];
    const { client, requests } = recordingClient(() => answers.shift() ?? jsonAnswer('{}'), fast);
    const { data, response } = await client.services.session('u-1').stop().withResponse();
    expect(data).toEqual({ confirmed: false, alreadyStopped: true });
    expect([response.status, response.attempts]).toEqual([404, 2]);
    expect(requests).toEqual(['POST /services/u-1/stop', 'POST /services/u-1/stop']);
  });

  test('of a session that does not exist throws', async () => {
    const { client, requests } = recordingClient(() => jsonAnswer('{"error":"Session not found"}', 404), fast);
    await failure(client.services.session('u-1').stop(), OctaNotFoundError);
    expect(requests).toHaveLength(1);
  });

  test('of a session that is gone after a refusal throws, too, because that attempt had no effect', async () => {
    const answers = [jsonAnswer('{}', 429), jsonAnswer('{}', 404)];
    const { client } = recordingClient(() => answers.shift() ?? jsonAnswer('{}'), fast);
    await failure(client.services.session('u-1').stop(), OctaNotFoundError);
  });
});

test('A configuration is returned in the form that the API sent.', async () => {
  for (const config of ['"[Interface]"', '{"ip":"192.0.2.1","port":3128}', '""']) {
    const { client } = recordingClient(() => jsonAnswer(`{"uuid":"u-1","config":${config}}`));
    expect((await client.services.session('u-1').info()).config).toEqual(JSON.parse(config));
  }
});
