/** The lane of SvelteKit, with its adapter for Node. */
import { demand } from '../package/run.ts';
import type { Project } from './project.ts';
import { checkEnd, jsonOf } from './rest.ts';
import type { Server } from './server.ts';

/** Sends the form of the page, as a browser without scripts does. */
function send(server: Server, node_id: string, headers: Readonly<Record<string, string>> = {}) {
  const type = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'text/html',
    'x-forwarded-proto': 'http',
  };
  const body = new URLSearchParams({ node_id }).toString();
  return server.ask('/?/start', { method: 'POST', headers: { ...type, origin: server.url, ...headers }, body });
}

/** SvelteKit. */
export async function runSvelteKit(project: Project): Promise<void> {
  await project.check('it compiles', async () => {
    await project.bin('svelte-kit', 'sync');
    await project.bin('svelte-check', '--tsconfig', 'tsconfig.json', '--fail-on-warnings');
  });
  await project.check('it builds', async () => void (await project.bin('vite', 'build')));
  await using server = await project.start(() => ['build/index.js'], {
    variables: { HOST: '127.0.0.1', PROTOCOL_HEADER: 'x-forwarded-proto' },
  });
  await project.check('a page shows the balance', async () => {
    const { text } = await server.ask('/');
    demand(/<p id="balance">\d+\.\d\d OCTA<\/p>/.test(text), text);
  });
  await project.check('an endpoint responds with JSON', async () => {
    const machines = jsonOf<unknown[]>(await server.ask('/api/machines'));
    demand(machines.length > 0, 'there are none');
  });
  const id = String(await project.machine());
  const visitor = { 'x-visitor': 'known' };
  await project.check('an action refuses a user who is not logged in, and text that is not a number', async () => {
    const [stranger, wrong] = [await send(server, id), await send(server, 'x', visitor)];
    demand(stranger.status === 401 && wrong.status === 400, `the statuses are ${stranger.status} and ${wrong.status}`);
    demand(wrong.text.includes('node_id must be an integer'), wrong.text);
  });
  await project.check('an action starts a session', async () => {
    const { text } = await send(server, id, visitor);
    const [, uuid = ''] = /<p id="uuid">([\w-]+)<\/p>/.exec(text) ?? [];
    demand(String(await project.running()) === uuid, text);
  });
  await checkEnd(project, server, 0);
}
