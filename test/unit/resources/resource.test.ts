/** Behaviour of all methods. */
import { describe, expect, test } from 'vitest';
import { OctaConfigurationError, type OctaPromise, type RequestOptions } from '../../../src/index.ts';
import { failure } from '../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';
import { expectRequest, type Row } from './rows.ts';

// Values that a caller without types may pass.
const nothing = null as unknown as RequestOptions;

describe('null instead of options is the same as no options', () => {
  const rows: readonly Row[] = [
    ['accounts.get', (client) => client.accounts.get(nothing), 'GET /accounts'],
    ['nodes.reboot', (client) => client.nodes.reboot(7, nothing), 'GET /nodes/7/reboot'],
    ['idleJobs.logs', (client) => client.idleJobs.logs(42, 69, nothing), 'GET /idle_jobs/42/69/logs'],
    ['session.logs', (client) => client.services.session('u-1').logs(nothing), 'GET /services/u-1/logs'],
    ['session.stop', (client) => client.services.session('u-1').stop(nothing), 'POST /services/u-1/stop'],
  ];
  test.each(rows)('%s', (...row) => expectRequest(row, '{}'));

  const lists: readonly Row[] = [
    ['nodes.list', (client) => client.nodes.list(nothing), 'GET /nodes'],
    ['sessions.list', (client) => client.sessions.list(nothing), 'GET /sessions'],
  ];
  test.each(lists)('%s', (...row) => expectRequest(row, '[]'));
});

describe('a wrong argument rejects the promise, and sends nothing', () => {
  const { client, requests } = recordingClient(() => jsonAnswer('{}'));
  const wrong = undefined as never;
  const calls: [name: string, call: () => OctaPromise<unknown>][] = [
    ['accounts.get', () => client.accounts.get({ retries: -1 })],
    ['apps.get', () => client.apps.get(wrong)],
    ['idleJobs.get', () => client.idleJobs.get(wrong, 1)],
    ['nodes.list', () => client.nodes.list({ query: wrong, headers: { 'a b': 'c' } })],
    ['nodes.updatePrices', () => client.nodes.updatePrices(7, wrong)],
    ['services.mr.start', () => client.services.mr.start(wrong)],
    ['services.render.start', () => client.services.render.start(wrong)],
    ['services.vpn.start', () => client.services.vpn.start(wrong)],
    ['services.session', () => client.services.session(wrong).info()],
  ];
  test.each(calls)('%s', async (_, call) => {
    await failure(call(), OctaConfigurationError);
    expect(requests).toEqual([]);
  });
});

test('An inspected resource does not show its client.', () => {
  const { client } = recordingClient(() => jsonAnswer('{}'));
  expect(Object.keys(client.nodes)).toEqual([]);
  expect(JSON.stringify(client.services)).toBe('{"mr":{},"render":{},"vpn":{}}');
  expect(JSON.stringify(client.services.session('u-1'))).toBe('{"uuid":"u-1"}');
});
