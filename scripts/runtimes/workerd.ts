/** The lane of workerd, which runs Workers as Cloudflare does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { Failed, run } from '../package/run.ts';
import type { Lane } from './lanes.ts';
import { limitMs, withinLimit } from './limit.ts';
import { environmentKey, type Outcome } from './processes.ts';
import { programOf } from './programs.ts';
import { buildEntry } from './project.ts';
import { startServers, taskFor } from './server.ts';
import { runRequests } from './worker-requests.ts';

/** One Worker, which may connect only to this computer. */
function configFor(file: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "suite", worker = .suite),
    (name = "internet", network = (allow = ["127.0.0.1/32"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "suite")],
);

const suite :Workerd.Worker = (
  modules = [(name = "suite", esModule = embed "${basename(file)}")],
  compatibilityDate = "2026-11-01",
  bindings = [(name = "OCTA_API_KEY", text = "${environmentKey}")],
);
`;
}

/** A running workerd; ends at the end of an `await using` scope. */
interface Server extends AsyncDisposable {
  readonly url: string;
  readonly printed: () => string;
}

/** The address of a starting workerd, which it writes to its control descriptor. */
function addressIn(control: Readable): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    control.on('data', (chunk) => {
      text += String(chunk);
      const port = /"port":(\d+)/.exec(text)?.[1];
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
    });
  });
}

/** Starts workerd. It must listen within the time limit. */
export async function startWorkerd(program: string, config: string, ms: number = limitMs): Promise<Server> {
  const server = spawn(program, ['serve', '--control-fd=3', config], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [server.stdout, server.stderr]) stream?.on('data', (chunk) => (printed += String(chunk)));
  const closed = once(server, 'close').catch((error) => (printed += error));
  const end = async () => {
    server.kill('SIGKILL');
    await closed;
  };
  const early = closed.then(() => {
    throw new Failed('workerd ended');
  });
  // workerd writes to the fourth descriptor, which is a pipe.
  const listening = Promise.race([addressIn(server.stdio[3] as Readable), early]);
  const url = await withinLimit('the start of workerd', listening, ms).catch(async ({ message }: Failed) => {
    await end();
    throw new Failed(`${message}\n${printed}`.trim());
  });
  return { url, printed: () => printed, [Symbol.asyncDispose]: end };
}

/** Runs the suite in a Worker. */
export async function runWorkerd(lane: Lane, project: string): Promise<Outcome> {
  const program = await programOf(lane);
  const version = (await run(program, ['--version'])).replace('workerd', '').trim();
  const bundled = ['workerd', 'worker', 'browser'];
  const file = await buildEntry(project, { entry: 'workerd', format: 'esm', bundled });
  const config = join(dirname(file), 'config.capnp');
  writeFileSync(config, configFor(file));
  await using servers = await startServers();
  await using worker = await startWorkerd(program, config);
  const body = taskFor(lane, servers);
  const answer = await fetch(worker.url, { method: 'POST', body, signal: AbortSignal.timeout(limitMs) });
  const text = await answer.text();
  if (!answer.ok) throw new Failed(`the Worker answered ${answer.status}: ${text}\n${worker.printed()}`);
  return { version, results: [...JSON.parse(text), ...(await runRequests(worker.url))] };
}
