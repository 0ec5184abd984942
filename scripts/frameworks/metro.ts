/** The lane of React Native: a bundle of metro, run with only the globals of Hermes and React Native. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { serve } from '../../test/support/server.ts';
import { demand, Failed } from '../package/run.ts';
import type { Project } from './project.ts';

/** A response as React Native has it, without a stream. */
class PlainResponse {
  readonly #whole: Response;
  constructor(whole: Response) {
    this.#whole = whole;
  }
  get ok() {
    return this.#whole.ok;
  }
  get status() {
    return this.#whole.status;
  }
  get url() {
    return this.#whole.url;
  }
  get headers() {
    return this.#whole.headers;
  }
  text() {
    return this.#whole.text();
  }
  json() {
    return this.#whole.json();
  }
  arrayBuffer() {
    return this.#whole.arrayBuffer();
  }
}

/** Globals of a bundle, besides those of the language. */
function surroundings(proxyUrl: string): Record<string, unknown> {
  const timers = { setTimeout, clearTimeout, setInterval, clearInterval, queueMicrotask, performance };
  const web = {
    Response: PlainResponse,
    Headers,
    URL,
    URLSearchParams,
    AbortController,
    AbortSignal,
    TextDecoder,
  };
  const fetchWhole = async (url: string, init: RequestInit) => new PlainResponse(await fetch(url, init));
  const scope: Record<string, unknown> = { ...timers, ...web, fetch: fetchWhole, console, proxyUrl };
  return Object.assign(scope, { global: scope, window: scope, self: scope });
}

/** Runs a bundle, and returns its result. Throws Failed if it throws. */
async function resultOf(bundle: string, proxyUrl: string): Promise<string> {
  const context = createContext(surroundings(proxyUrl));
  try {
    runInContext(readFileSync(bundle, 'utf8'), context, { filename: bundle });
    return await runInContext('run()', context);
  } catch (error) {
    throw new Failed(String(error));
  }
}

/** React Native's bundler. */
export async function runMetro(project: Project): Promise<void> {
  const bundle = join(project.folder, 'bundle.js');
  for (const mode of ['true', 'false']) {
    await project.check(`it bundles, with --dev ${mode}`, async () => {
      const given = [
        'build',
        'index.js',
        '--out',
        bundle,
        '--config',
        'metro.config.js',
        '--platform',
        'ios',
        '--dev',
        mode,
      ];
      await project.bin('metro', ...given);
    });
    await project.check('the bundle reads through the proxy, and recognizes an error', async () => {
      await using proxy = await serve(async ({ path, headers }, response) => {
        demand(headers.authorization === undefined, 'the app sends a key');
        const answer = await fetch(`${project.api.url}${path}`, { headers: { authorization: 'any' } });
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
      });
      const text = await resultOf(bundle, proxy.url);
      const { balance, machines, failure, loaded } = JSON.parse(text);
      demand(/^\d{18,}$/.test(balance) && machines.length > 0, text);
      demand(failure === 'OctaNotFoundError false', text);
      demand(String(loaded) === 'function,function', text);
    });
  }
}
