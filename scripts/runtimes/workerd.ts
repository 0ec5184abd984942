/** The lane of workerd, which runs Workers as Cloudflare does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { Failed, run } from '../package/run.ts';
import type { Lane } from './lanes.ts';
import { environmentKey, limitMs, type Outcome } from './processes.ts';
import { programOf } from './programs.ts';
import { buildEntry } from './project.ts';
import { startServers, taskFor } from './server.ts';

/** One Worker, which may talk to this computer and to nothing else. */
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

/** Where a starting workerd listens, which it tells on its control descriptor. */
async function addressOf(server: ChildProcess, said: () => string): Promise<string> {
  // The fourth of the descriptors that it was given is a pipe that it writes to.
  const control = server.stdio[3] as Readable;
  let text = '';
  const told = (async () => {
    for await (const chunk of control) {
      text += String(chunk);
      const port = /"port":(\d+)/.exec(text)?.[1];
      if (port !== undefined) return `http://127.0.0.1:${port}`;
    }
    throw new Failed(`workerd ended:\n${said()}`);
  })();
  return told;
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
  const server = spawn(program, ['serve', '--control-fd=3', config], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream?.on('data', (chunk) => (said += String(chunk)));
  try {
    const url = await addressOf(server, () => said);
    const body = taskFor(lane, servers);
    const answer = await fetch(url, { method: 'POST', body, signal: AbortSignal.timeout(limitMs) });
    const text = await answer.text();
    if (!answer.ok) throw new Failed(`the Worker answered ${answer.status}: ${text}\n${said}`);
    return { version, results: JSON.parse(text) };
  } finally {
    server.kill();
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  }
}
