/** The option `validate`: the issues of a validator, in addition to those of decoding. */
import { describe, expect, test, vi } from 'vitest';
import type { DriftEvent, OctaClientOptions } from '../../../src/core/option-types.ts';
import type { ResponseValidator, ValidationIssue } from '../../../src/core/validation.ts';
import { OctaConfigurationError, OctaProvisionRejectedError, OctaResponseError } from '../../../src/errors/errors.ts';
import { OctaClient } from '../../../src/index.ts';
import { validator } from '../../../src/zod/index.ts';
import { order } from '../../support/calls.ts';
import { failure } from '../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';

type Mode = ResponseValidator['mode'];

/** A client that gets one response, the drift it reported, and its log lines. */
function clientOf(text: string, options: OctaClientOptions) {
  const drift: Omit<DriftEvent, 'operation'>[] = [];
  const lines: unknown[] = [];
  const write = (line: unknown) => void lines.push(line);
  const { client, requests } = recordingClient(() => jsonAnswer(text), {
    onDrift: ({ path, expected, received }) => void drift.push({ path, expected, received }),
    logger: { error: write, warn: write, info: write, debug: write },
    logLevel: 'warn',
    retries: 2,
    retryDelayMs: 0,
    ...options,
  });
  return { client, requests, drift, lines };
}

const zod = (mode: Mode) => ({ validate: validator(mode) });

/** A validator with findings of its own. */
function finding(mode: Mode, ...issues: ValidationIssue[]): OctaClientOptions {
  return { validate: { mode, check: () => issues } };
}

const machine = '"node_id":1,"country":"Germany","city":"Berlin","gpus":[],"net_down_mbits":9';

describe('Reporting', () => {
  test('reports what decoding does not check, and still returns the response.', async () => {
    const { client, drift } = clientOf(`[{${machine},"net_up_mbits":-1,"gpu":5}]`, zod('report'));
    expect(await client.services.mr.available()).toMatchObject([{ net_up_mbits: -1, gpu: 5 }]);
    expect(drift).toEqual([
      { path: '[0].gpu', expected: 'object or string', received: 5 },
      { path: '[0].net_up_mbits', expected: 'at least 0', received: -1 },
    ]);
  });

  test('does not repeat what decoding reported: a missing field, a wrong type, and both in a later item.', async () => {
    const item = '{"node_id":"x","country":"Germany","city":"Berlin","gpus":[],"net_down_mbits":9}';
    const { client, drift } = clientOf(`[${item},${item}]`, zod('report'));
    await client.services.mr.available();
    expect(drift.map(({ path, expected }) => `${path} ${expected}`).sort()).toEqual([
      '[0].net_up_mbits mbits',
      '[0].node_id number',
    ]);
  });

  test('reports only the first of equal issues in many items, and then other issues.', async () => {
    const items = [-1, -2, -3].map((up) => `{${machine},"net_up_mbits":${up}}`);
    const { client, drift } = clientOf(`[${items}]`, zod('report'));
    await client.services.mr.available();
    expect(drift).toEqual([{ path: '[0].net_up_mbits', expected: 'at least 0', received: -1 }]);
  });

  test('reports another issue at a place that drifted in another item.', async () => {
    const { client, drift } = clientOf(
      `[{${machine},"net_up_mbits":"x"},{${machine},"net_up_mbits":-1}]`,
      zod('report'),
    );
    await client.services.mr.available();
    expect(drift.map(({ path, expected }) => `${path} ${expected}`)).toEqual([
      '[0].net_up_mbits mbits',
      '[1].net_up_mbits at least 0',
    ]);
  });

  test('reports one issue if decoding and validation found one at the same place.', async () => {
    const issue = { path: 'currency', expected: 'OCTA', received: '5' };
    const { client, drift } = clientOf('{"balance":1,"currency":5}', finding('report', issue));
    await client.accounts.balance();
    expect(drift).toEqual([{ path: 'currency', expected: 'string', received: 5 }]);
  });

  test('still reports issues if there is a new field.', async () => {
    const issue = { path: 'extra', expected: 'nothing', received: 5 };
    const { client, drift } = clientOf('{"balance":1,"extra":5}', finding('report', issue));
    await client.accounts.balance();
    expect(drift.map(({ expected }) => expected)).toEqual(['absent', 'nothing']);
  });

  test('logs issues without values, even without onDrift.', async () => {
    const { client, lines } = clientOf('{"balance":1,"currency":5}', {
      ...finding('report', { path: '', expected: 'peace', received: 'war' }),
      onDrift: undefined,
      logLevel: 'info',
    });
    await client.accounts.balance();
    expect(lines.filter((line) => String(line).includes('specified'))).toEqual([
      '[octaspace] getBalance: currency is not as specified (expected string)',
      '[octaspace] getBalance: the response is not as specified (expected peace)',
    ]);
  });

  test('applies to calls by path, and names the operation.', async () => {
    const events: DriftEvent[] = [];
    const { client } = clientOf('[{"id":1.5}]', { ...zod('report'), onDrift: (event) => void events.push(event) });
    expect((await client.api.GET('/nodes')).data).toEqual([{ id: 1.5 }]);
    expect(events).toEqual([{ operation: 'listNodes', path: '[0].id', expected: 'whole number', received: 1.5 }]);
  });

  test('survives a validator that throws.', async () => {
    const check = () => {
      throw new Error('broken');
    };
    const { client, lines } = clientOf('{"balance":1}', { validate: { mode: 'report', check } });
    expect(await client.accounts.balance()).toEqual({ balance: 1n });
    expect(lines).toEqual(['[octaspace] validate threw; the call continues']);
  });
});

describe('Strictness', () => {
  test('rejects issues of the schema, names paths but no values, and does not retry.', async () => {
    const { client, requests, drift } = clientOf('[{"id":1.5,"ip":"secret"}]', zod('strict'));
    const error = await failure(client.nodes.list(), OctaResponseError);
    expect(error.message).toBe('listNodes: the response does not match its schema: [0].id (whole number)');
    expect(error).toMatchObject({ outcome: 'unknown', truncated: false, request: { operation: 'listNodes' } });
    expect(error.issues).toEqual([{ path: '[0].id', expected: 'whole number' }]);
    expect(error.toJSON()).toMatchObject({ issues: [{ path: '[0].id', expected: 'whole number' }] });
    expect(requests).toEqual(['GET /nodes']);
    expect(drift).toHaveLength(1);
  });

  test('also rejects issues of decoding, even without onDrift.', async () => {
    const { client } = clientOf('{"balance":1,"currency":5}', { ...zod('strict'), onDrift: undefined });
    const error = await failure(client.accounts.balance(), OctaResponseError);
    expect(error.issues).toEqual([{ path: 'currency', expected: 'string' }]);
  });

  test('accepts new fields, but still reports them.', async () => {
    const { client, drift } = clientOf('{"balance":1,"extra":5}', zod('strict'));
    expect(await client.accounts.balance()).toEqual({ balance: 1n, extra: 5 });
    expect(drift).toEqual([{ path: 'extra', expected: 'absent', received: 5 }]);
  });

  test('names ten places in the message, and all of them in `issues`.', async () => {
    const issues = Array.from({ length: 12 }, (_, index) => ({ path: `f${index}`, expected: 'x', received: 'secret' }));
    const { client } = clientOf('{"balance":1}', finding('strict', ...issues));
    const error = await failure(client.accounts.balance(), OctaResponseError);
    const named = Array.from({ length: 10 }, (_, index) => `f${index} (x)`).join(', ');
    expect(error.message).toBe(`getBalance: the response does not match its schema: ${named}, and 2 more`);
    expect(error.issues).toHaveLength(12);
  });

  test('calls the whole response "the response".', async () => {
    const { client } = clientOf('{"balance":1}', finding('strict', { path: '', expected: 'peace', received: 0 }));
    const error = await failure(client.accounts.balance(), OctaResponseError);
    expect(error.message).toBe('getBalance: the response does not match its schema: the response (peace)');
  });

  test('applies to calls by path.', async () => {
    const { client } = clientOf('[{"id":1.5}]', zod('strict'));
    await failure(client.api.GET('/nodes'), OctaResponseError);
  });

  test('never shows the API key, wherever it is in the response.', async () => {
    const text = '{"uuid":"u-1","urls":{"octa-secret-key":5}}';
    const { client } = clientOf(text, { ...zod('strict'), apiKey: 'octa-secret-key' });
    const error = await failure(client.services.session('u-1').info(), OctaResponseError);
    expect(error.issues).toEqual([{ path: 'urls.[API key]', expected: 'string' }]);
    expect(error.message + JSON.stringify(error)).not.toContain('octa-secret-key');
  });

  test('rejects if the validator throws.', async () => {
    const cause = new Error('broken');
    const check = () => {
      throw cause;
    };
    const { client } = clientOf('{"balance":1}', { validate: { mode: 'strict', check } });
    const error = await failure(client.accounts.balance(), OctaResponseError);
    expect([error.message, error.cause, error.issues]).toEqual(['getBalance: broken', cause, []]);
  });

  test('ignores responses without JSON.', async () => {
    const check = vi.fn(() => [{ path: '', expected: 'x', received: 0 }]);
    const { client } = clientOf('data', { validate: { mode: 'strict', check } });
    await client.nodes.downloadLogs(7);
    await client.nodes.reboot(7);
    await client.idleJobs.logs(7, 1);
    expect(check).not.toHaveBeenCalled();
  });
});

describe('A start that returned a session', () => {
  test.each<[title: string, text: string, path: string]>([
    ['alone', '{"uuid":"u-1","reason":5}', 'reason'],
    ['in a batch', '[{"uuid":"u-1","reason":5}]', '[0].reason'],
  ])('is not lost in strict mode, %s.', async (_, text, path) => {
    const { client, drift, lines } = clientOf(text, zod('strict'));
    expect(await client.services.mr.start(order)).toMatchObject({ uuid: 'u-1' });
    expect(drift).toEqual([{ path, expected: 'string', received: 5 }]);
    const why = 'the call continues, because a session depends on it';
    expect(lines).toEqual([`[octaspace] startMr: the response does not match its schema: ${path} (string); ${why}`]);
  });

  test('is not lost when started by path.', async () => {
    const { client } = clientOf('{"uuid":"u-1","id":"x"}', zod('strict'));
    const { data } = await client.api.POST('/services/vpn', { body: { node_id: 1 } });
    expect(data).toEqual({ uuid: 'u-1' });
  });

  test('is not lost if a validator throws.', async () => {
    const check = () => {
      throw new Error('broken');
    };
    const { client, lines } = clientOf('[{"uuid":"u-1"}]', { validate: { mode: 'strict', check } });
    expect(await client.services.mr.start(order)).toMatchObject({ uuid: 'u-1' });
    expect(lines).toEqual(['[octaspace] validate threw; the call continues']);
  });

  test.each(['{"uuid":"","id":"x"}', '[{"id":"x"}]', '[null]'])(
    'differs from one that returned none, which rejects: %s.',
    async (text) => {
      const { client } = clientOf(text, zod('strict'));
      expect(await failure(client.services.mr.start(order), OctaResponseError)).toMatchObject({ outcome: 'unknown' });
    },
  );

  test('differs from a refused one, whatever else is wrong with the response.', async () => {
    const { client } = clientOf('[{"reason":5,"message":"Node not found"}]', zod('strict'));
    const error = await failure(client.services.mr.start(order), OctaProvisionRejectedError);
    expect(error.outcome).toBe('rejected');
  });

  test('does not exempt calls that start nothing.', async () => {
    const { client } = clientOf('[{"uuid":"u-1","kind":5}]', zod('strict'));
    await failure(client.sessions.list(), OctaResponseError);
  });
});

describe('The option', () => {
  test.each<[title: string, validate: unknown, shown: string]>([
    ['text', 'strict', 'the string "strict"'],
    ['a function', () => [], 'of type function'],
    ['an object without check', { mode: 'strict' }, 'of type object'],
    ['an unknown mode', { mode: 'loose', check: () => [] }, 'of type object'],
    ['a schema', { mode: undefined, check: () => [] }, 'of type object'],
    ['null', null, 'null'],
  ])('is wrong: %s.', (_, validate, shown) => {
    const options: object = { validate };
    expect(() => new OctaClient(options)).toThrow(OctaConfigurationError);
    expect(() => new OctaClient(options)).toThrow(
      `validate is ${shown}; allowed: a validator, such as validator('report') from @octaspace/sdk/zod`,
    );
  });

  test('accepts a validator of either mode, and is optional.', () => {
    for (const validate of [validator('report'), validator('strict'), undefined]) new OctaClient({ validate });
  });
});
