/** Which requests use the proxies of the environment. */
import { expect, test } from 'vitest';
import { proxiesFromEnv } from '../../../src/node/proxies.ts';

const refuse = (variable: string): never => {
  throw new Error(variable);
};
const proxies = { HTTP_PROXY: 'http://plain.test:1', HTTPS_PROXY: 'https://secure.test:2' };

/** The host of the proxy for a URL. */
function proxyOf(url: string, variables: Readonly<Record<string, string>>): string | undefined {
  return proxiesFromEnv(variables, refuse)(new URL(url))?.hostname;
}

test.each<[url: string, variables: Readonly<Record<string, string>>, want: string | undefined]>([
  ['http://api.test/', proxies, 'plain.test'],
  ['https://api.test/', proxies, 'secure.test'],
  ['https://api.test/', { HTTP_PROXY: 'http://plain.test' }, 'plain.test'],
  ['http://api.test/', { HTTPS_PROXY: 'http://secure.test' }, undefined],
  ['http://api.test/', { ...proxies, http_proxy: 'http://lower.test' }, 'lower.test'],
  ['http://api.test/', { ...proxies, http_proxy: ' ' }, 'plain.test'],
  ['http://api.test/', { ...proxies, NO_PROXY: '' }, 'plain.test'],
  ['http://api.test/', { ...proxies, NO_PROXY: '*' }, undefined],
  ['http://api.test/', { ...proxies, NO_PROXY: 'other.test, API.test' }, undefined],
  ['http://api.test/', { ...proxies, NO_PROXY: 'test' }, undefined],
  ['http://api.test/', { ...proxies, NO_PROXY: '.api.test' }, undefined],
  ['http://a.api.test/', { ...proxies, NO_PROXY: '*.api.test' }, undefined],
  ['http://notapi.test/', { ...proxies, NO_PROXY: 'api.test' }, 'plain.test'],
  ['http://api.test/', { ...proxies, NO_PROXY: 'api.test:80' }, undefined],
  ['http://api.test:81/', { ...proxies, NO_PROXY: 'api.test:80' }, 'plain.test'],
  ['https://api.test/', { ...proxies, NO_PROXY: 'api.test:443' }, undefined],
  ['http://[::1]/', { ...proxies, NO_PROXY: '[::1]' }, undefined],
  ['http://[::1]/', { ...proxies, NO_PROXY: '::1' }, undefined],
  ['http://[::1]:81/', { ...proxies, NO_PROXY: '[::1]:81' }, undefined],
  ['http://[::1]:82/', { ...proxies, NO_PROXY: '[::1]:81' }, 'plain.test'],
  ['http://api.test/', { ...proxies, NO_PROXY: 'other.test', no_proxy: 'api.test' }, undefined],
])('%s with %j goes through %s.', (url, variables, want) => {
  expect(proxyOf(url, variables)).toBe(want);
});

test.each(['plain.test:1', 'ftp://plain.test', 'http://plain.test/path', 'http://'])('%j is not a proxy.', (value) => {
  expect(() => proxyOf('http://api.test/', { HTTP_PROXY: value })).toThrow('HTTP_PROXY');
});
