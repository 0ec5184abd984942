/** A package registry on this machine. It contains only what is published to it, and uses no other registry. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { demand } from '../package/run.ts';
import { load } from '../package/tools.ts';

const verdaccio = ['verdaccio', '6.8.0'] as const;

/** A running registry; closes at the end of an `await using` scope. */
export interface Registry extends AsyncDisposable {
  readonly url: string;
  /** The environment of a user who may publish to this registry and set git tags, without the settings of the current user. */
  readonly env: NodeJS.ProcessEnv;
}

/** The program of a registry. */
export interface RegistryProgram {
  /** Its name and version. */
  readonly name: string;
  readonly start: (config: object) => Promise<Server>;
}

/** Installs the program, once for all rehearsals. */
export async function installRegistry(signal: AbortSignal): Promise<RegistryProgram> {
  // A plug-in needs node-fetch by a tag. Not every registry has tags, so use a version.
  const overrides = { 'node-fetch': '2.7.0' };
  const { runServer } = await load<{ readonly runServer: RegistryProgram['start'] }>(verdaccio, { overrides, signal });
  return { name: verdaccio.join(' '), start: runServer };
}

function configOf(folder: string): object {
  return {
    self_path: folder,
    storage: join(folder, 'storage'),
    auth: { htpasswd: { file: join(folder, 'htpasswd') } },
    uplinks: {},
    packages: { '**': { access: '$all', publish: '$authenticated' } },
    log: { type: 'file', path: join(folder, 'log'), level: 'warn' },
    web: { enable: false },
  };
}

/** Creates a user. Returns their credentials for npm. */
async function signUp(url: string): Promise<string> {
  const [name, password] = ['publisher', randomUUID()];
  const response = await fetch(`${url}/-/user/org.couchdb.user:${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, password }),
  });
  demand(response.status === 201, `the registry did not create a user: ${response.status} ${await response.text()}`);
  return Buffer.from(`${name}:${password}`).toString('base64');
}

/** `npm run` passes its own settings in the environment. They must not reach the npm of the rehearsal. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:npm_|node_auth|init_cwd)/i.test(name)),
  );
}

/** Settings of git. The current user may have no name, or may sign tags. */
const gitAlone = {
  GIT_AUTHOR_NAME: 'Rehearsal',
  GIT_AUTHOR_EMAIL: 'rehearsal@example.com',
  GIT_COMMITTER_NAME: 'Rehearsal',
  GIT_COMMITTER_EMAIL: 'rehearsal@example.com',
  GIT_CONFIG_NOSYSTEM: '1',
};

/** The environment of a user of the registry at this URL; their settings are in the folder. */
export async function environmentOf(url: string, folder: string): Promise<NodeJS.ProcessEnv> {
  const userConfig = join(folder, 'npmrc');
  writeFileSync(userConfig, `${url.replace('http:', '')}/:_auth=${await signUp(url)}\n`, { mode: 0o600 });
  return {
    ...ownEnvironment(),
    ...gitAlone,
    GIT_CONFIG_GLOBAL: join(folder, 'none'),
    // With this, Changesets does not ask for a password.
    CI: 'true',
    npm_config_registry: url,
    npm_config_userconfig: userConfig,
    npm_config_globalconfig: join(folder, 'none'),
    npm_config_cache: join(folder, 'cache'),
    npm_config_noproxy: '127.0.0.1',
    npm_config_update_notifier: 'false',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_loglevel: 'warn',
  };
}

/** Starts an empty registry on a free port of 127.0.0.1, with its data in a new folder. */
export async function startRegistry({ start }: RegistryProgram, folder: string): Promise<Registry> {
  mkdirSync(folder);
  const server = await start(configOf(folder));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    env: await environmentOf(url, folder),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
