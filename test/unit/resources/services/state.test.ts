import { describe, expect, test } from 'vitest';
import type { ServiceInfo } from '../../../../src/index.ts';
import type { LiveSession } from '../../../../src/resources/services/live-session.ts';
import { hasEnded, isReady } from '../../../../src/resources/services/state.ts';

type Fields = Omit<Partial<ServiceInfo>, 'uuid'>;
type Known = LiveSession['service'];

const proxy = { ip: '192.0.2.1', port: 3128 };

describe('a machine or a render node can be used', () => {
  const table: [title: string, fields: Fields, ready: boolean][] = [
    ['when it says so', { is_ready: true }, true],
    ['not when it says no', { is_ready: false }, false],
    ['not when it says nothing', {}, false],
    ['when its progress is "service configured"', { progress: 'service configured' }, true],
    ['when its progress says so in another case, with spaces around', { progress: ' Service Configured\n' }, true],
    ['when it is configured', { progress: 'configured' }, true],
    ['when it is running', { progress: 'running' }, true],
    ['when it is ready', { progress: 'READY' }, true],
    ['when its progress says so, although it is not said to be ready', { is_ready: false, progress: 'ready' }, true],
    ['when it is ready, whatever its progress', { is_ready: true, progress: 'pulling image' }, true],
    ['not while it is not running', { progress: 'not running' }, false],
    ['not while it is getting ready', { progress: 'almost ready' }, false],
    ['not while its progress is empty', { progress: '' }, false],
    ['not because it has a configuration', { config: '[Interface]' }, false],
  ];
  test.each(table)('%s', (_, fields, ready) => {
    const services: [Known, string | undefined][] = [
      ['mr', 'mr'],
      ['render', 'render'],
      ['mr', ''],
      ['render', 'vpn'],
      [undefined, 'mr'],
      [undefined, 'render'],
      [undefined, 'another'],
      [undefined, undefined],
    ];
    for (const [known, service] of services) {
      const info = { uuid: 'u-1', kind: 'base', ...fields, ...(service === undefined ? {} : { service }) };
      expect([known, service, isReady(info, known)]).toEqual([known, service, ready]);
    }
  });
});

describe('a relay can be used', () => {
  const table: [title: string, fields: Fields, ready: boolean][] = [
    ['when it has a configuration', { config: '[Interface]' }, true],
    ['when it has an address, as an HTTP proxy', { config: proxy }, true],
    ['not without a configuration', {}, false],
    ['not with an empty one', { config: '' }, false],
    ['not with a blank one', { config: ' \n' }, false],
    ['not with an address that is not there yet', { config: {} as typeof proxy }, false],
    ['not because it says so', { is_ready: true, progress: 'service configured' }, false],
    ['whatever it says', { is_ready: false, progress: 'starting', config: 'trojan://x' }, true],
    // What the types exclude, but a wire may carry.
    ['not with null', { config: null as unknown as string }, false],
    ['not with a number', { config: 1 as unknown as string }, false],
    ['not with an empty list', { config: [] as unknown as string }, false],
  ];
  test.each(table)('%s', (_, fields, ready) => {
    const states: [Known, Fields][] = [
      ['vpn', { service: 'vpn', kind: 'wg' }],
      ['vpn', {}],
      ['vpn', { service: 'mr' }],
      [undefined, { service: 'vpn' }],
      ...['wg', 'openvpn', 'ss', 'v2ray', 'http_proxy'].map((kind): [Known, Fields] => [undefined, { kind }]),
      [undefined, { service: '', kind: 'ss' }],
    ];
    for (const [known, state] of states) {
      expect([known, state, isReady({ uuid: 'u-1', ...state, ...fields }, known)]).toEqual([known, state, ready]);
    }
  });
});

test.each<[title: string, fields: Fields]>([
  ['another service', { service: 'mr', kind: 'wg' }],
  ['another kind', { service: '', kind: 'base' }],
  ['an unknown kind', { kind: 'pptp' }],
  ['no kind', {}],
])('A session of %s is no relay, and does not need a configuration.', (_, fields) => {
  expect(isReady({ uuid: 'u-1', ...fields, is_ready: true }, undefined)).toBe(true);
});

describe('a session has ended', () => {
  const table: [title: string, fields: Fields, ended: boolean][] = [
    ['when it says when', { finished_at: 1776161866303 }, true],
    ['when it says why', { termination_reason: 2 }, true],
    ['not when it only names the normal reason, which says nothing about a live one', { termination_reason: 0 }, false],
    ['when it says both', { finished_at: 1776161866303, termination_reason: 0 }, true],
    ['not when it says neither', {}, false],
    ['not when it says that it is not ready', { is_ready: false, progress: '' }, false],
    ['not at the beginning of time', { finished_at: 0 }, false],
  ];
  test.each(table)('%s', (_, fields, ended) => {
    expect(hasEnded({ uuid: 'u-1', ...fields })).toBe(ended);
  });
});
