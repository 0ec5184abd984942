/** The server of the suite. It plays scenes, which are lists of responses and faults, and records the requests. */
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { SceneReport, ScriptedAnswer, ScriptedFault, Step, Task } from '../../test/runtimes/suite/types.ts';
import { freePort } from '../../test/support/raw-server.ts';
import { json, type Received, serve, type TestServer } from '../../test/support/server.ts';
import { exceptionsOf, type Lane } from './lanes.ts';

/** One scene in progress. */
interface Scene {
  readonly steps: readonly Step[];
  readonly received: SceneReport['received'][number][];
  givenUp: number;
}

/** The servers of a run. */
export interface SuiteServers extends AsyncDisposable {
  readonly apiUrl: string;
  readonly controlUrl: string;
  readonly deadUrl: string;
}

/** Size of the slices of a sliced body. Unit: bytes. */
const sliceBytes = 7;

/** Headers that allow pages of another origin to send any request, and to read all responses. */
function allowPages(request: Received, response: ServerResponse): void {
  response.setHeader('access-control-allow-origin', '*');
  response.setHeader('access-control-expose-headers', '*');
  response.setHeader('access-control-allow-methods', 'GET, POST, PATCH');
  response.setHeader('access-control-allow-headers', String(request.headers['access-control-request-headers'] ?? '*'));
}

function bodyOf({ body = '{}', repeated = 1, form }: ScriptedAnswer): Buffer {
  const text = body.repeat(repeated);
  if (form === 'bytes') return Buffer.from(text, 'base64');
  if (form === 'gzip') return gzipSync(text);
  if (form === 'log') return Buffer.from(JSON.stringify({ data: gzipSync(text).toString('base64') }));
  return Buffer.from(text);
}

function answer(step: ScriptedAnswer, response: ServerResponse): void {
  const { status = 200, headers = {}, form } = step;
  const body = bodyOf(step);
  const length = form === 'slices' ? {} : { 'content-length': String(body.length) };
  const encoding = form === 'gzip' ? { 'content-encoding': 'gzip' } : {};
  response.writeHead(status, { 'content-type': 'application/json', ...length, ...encoding, ...headers });
  if (form === 'slices') {
    for (let at = 0; at < body.length; at += sliceBytes) response.write(body.subarray(at, at + sliceBytes));
    response.end();
  } else {
    response.end(body);
  }
}

function fail({ fault }: ScriptedFault, response: ServerResponse): void {
  if (fault === 'reset') response.socket?.resetAndDestroy();
  if (fault === 'reset' || fault === 'stall') return;
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
  response.write('{"balance":1,', () => {
    if (fault === 'cut-body') response.destroy();
  });
}

/** Plays a scene's step for a request. */
function play(scene: Scene, request: Received, response: ServerResponse): void {
  const { steps, received } = scene;
  const step = steps[Math.min(received.length, steps.length - 1)] ?? {};
  const headers = Object.entries(request.headers).map(([name, value]) => [name, value?.toString()] as const);
  const path = request.path.replace(/^\/scenes\/\d+/, '');
  received.push({ method: request.method, path, headers: Object.fromEntries(headers), body: request.body });
  if ('fault' in step) {
    response.on('close', () => {
      if (step.fault.startsWith('stall')) scene.givenUp++;
    });
    fail(step, response);
  } else {
    answer(step, response);
  }
}

/** Creates scenes, and reports on them. */
class Scenes {
  readonly #scenes: Scene[] = [];
  readonly #onScene: () => void;

  constructor(onScene: () => void) {
    this.#onScene = onScene;
  }

  #named(path: string): Scene | undefined {
    const number = /^\/scenes\/(\d+)/.exec(path)?.[1];
    return number === undefined ? undefined : this.#scenes[Number(number)];
  }

  /** Responds to the requests of a scene. */
  readonly play = (request: Received, response: ServerResponse): void => {
    allowPages(request, response);
    const scene = this.#named(request.path);
    if (request.method === 'OPTIONS') response.writeHead(204).end();
    else if (scene === undefined) json(response, '{"error":"there is no such scene"}', 404);
    else play(scene, request, response);
  };

  /** Responds to requests that create a scene, or read its record. */
  readonly control = (request: Received, response: ServerResponse): void => {
    // A page may also play scenes at its own origin.
    const isPlayed = /^\/scenes\/\d+\//.test(request.path);
    const scene = this.#named(request.path);
    if (!isPlayed) allowPages(request, response);
    if (isPlayed) {
      this.play(request, response);
    } else if (request.method === 'POST') {
      const steps: Step[] = JSON.parse(request.body);
      this.#onScene();
      response.end(String(this.#scenes.push({ steps, received: [], givenUp: 0 }) - 1));
    } else if (scene === undefined) {
      response.writeHead(404).end();
    } else {
      const { received, givenUp } = scene;
      json(response, JSON.stringify({ received, givenUp } satisfies SceneReport));
    }
  };
}

/** Starts the servers of one run. `more` adds responses by path. */
export async function startServers(
  more: ReadonlyMap<string, readonly [type: string, text: string]> = new Map(),
): Promise<SuiteServers> {
  const servers: TestServer[] = [];
  // A browser repeats any request on each dead kept connection, and then on a new one.
  const scenes = new Scenes(() => {
    for (const server of servers) server.closeIdle();
  });
  const api = await serve(scenes.play);
  const control = await serve((request, response) => {
    const file = more.get(request.path);
    if (file === undefined) return scenes.control(request, response);
    const [type, text] = file;
    response.writeHead(200, { 'content-type': type }).end(text);
  });
  servers.push(api, control);
  return {
    apiUrl: api.url,
    controlUrl: control.url,
    deadUrl: `http://127.0.0.1:${await freePort()}`,
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await control[Symbol.asyncDispose]();
    },
  };
}

/** The settings of the suite in a lane, as JSON. */
export function taskFor(lane: Lane, { apiUrl, controlUrl, deadUrl }: SuiteServers): string {
  const { without } = lane;
  return JSON.stringify({ apiUrl, controlUrl, deadUrl, without, exceptions: exceptionsOf(lane) } satisfies Task);
}
