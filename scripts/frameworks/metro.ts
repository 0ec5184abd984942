/** The lane of React Native: a bundle of metro, run with little more than what Hermes and React Native have. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { serve } from '../../test/support/server.ts';
import { demand } from '../package/run.ts';
import type { Project } from './project.ts';

/** A response of React Native, which has no stream. */
async function reactNativeFetch(url: string, init: RequestInit): Promise<object> {
  const response = await fetch(url, init);
  const { ok, status, headers } = response;
  const bytes = await response.arrayBuffer();
  const text = new TextDecoder().decode(bytes);
  return { ok, status, url, headers, text: async () => text, json: async () => JSON.parse(text), arrayBuffer: async () => bytes };
}

/** What a bundle can reach besides the language. */
function surroundings(proxyUrl: string): Record<string, unknown> {
  const timers = { setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask };
  const web = { fetch: reactNativeFetch, Headers, URL, URLSearchParams, AbortController, AbortSignal, TextEncoder, TextDecoder, Blob };
  const scope: Record<string, unknown> = { ...timers, ...web, console, performance, proxyUrl };
  return Object.assign(scope, { global: scope, window: scope, self: scope });
}

/** React Native's bundler. */
export async function runMetro(project: Project): Promise<void> {
  const bundle = join(project.folder, 'bundle.js');
  for (const mode of ['true', 'false']) {
    await project.check(`it bundles, with --dev ${mode}`, async () => {
      const given = ['build', 'index.js', '--out', bundle, '--config', 'metro.config.js', '--platform', 'ios', '--dev', mode];
      await project.bin('metro', ...given);
    });
    await project.check('the bundle reads through the proxy, and knows an error', async () => {
      await using proxy = await serve(async ({ path, headers }, response) => {
        demand(headers.authorization === undefined, 'the app sends a key');
        const answer = await fetch(`${project.api.url}${path}`, { headers: { authorization: 'any' } });
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
      });
      const context = createContext(surroundings(proxy.url));
      runInContext(readFileSync(bundle, 'utf8'), context, { filename: bundle });
      const text: string = await runInContext('run()', context);
      const { balance, machines, failure, loaded } = JSON.parse(text);
      demand(/^\d{18,}$/.test(balance) && machines.length > 0, text);
      demand(failure === 'OctaNotFoundError false', text);
      demand(String(loaded) === 'function,function', text);
    });
  }
}
