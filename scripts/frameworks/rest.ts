/** Checks of all server frameworks: a route that reads, a route that starts a machine, and SIGTERM. */
import { demand } from '../package/run.ts';
import type { Project } from './project.ts';
import type { Server } from './server.ts';

/** How the server of a lane behaves. */
export interface Rest {
  /** The route that reads. */
  readonly path: string;
  /** How the process ends after SIGTERM: an exit code, or a signal. */
  readonly end: number | string;
}

/** The header of a user who may rent, in all lanes. */
const visitor = { 'x-visitor': 'known' };

/** Checks that a response is JSON, and returns the value. */
export function jsonOf<Result>({ status, type, text }: { status: number; type: string; text: string }): Result {
  demand(
    type.startsWith('application/json'),
    `the response ${status} has the type ${type || 'none'}: ${text.slice(0, 500)}`,
  );
  return JSON.parse(text);
}

/** A session that a request starts. */
export async function checkStart(project: Project, server: Server): Promise<void> {
  const id = await project.machine();
  const post = (node: number, headers: Record<string, string>) =>
    server.ask(`/machines/${node}/sessions`, { method: 'POST', headers });

  await project.check('a user who is not logged in cannot start a machine', async () => {
    const { status } = await post(id, {});
    demand([401, 403].includes(status), `the status is ${status}`);
    demand((await project.running()).length === 0, 'a session runs');
  });
  await project.check('an error of the API becomes 502', async () => {
    const answer = await post(999_999, visitor);
    demand(answer.status === 502, `the response is ${answer.status}: ${answer.text}`);
    const { error, outcome } = jsonOf<{ error: string; outcome: string }>(answer);
    demand(error.startsWith('Octa') && outcome === 'rejected', `it has ${answer.text}`);
  });
  await project.check('a user who is logged in starts a machine', async () => {
    const answer = await post(id, visitor);
    demand(answer.status === 201, `the response is ${answer.status}: ${answer.text}`);
    const { uuid } = jsonOf<{ uuid: string }>(answer);
    demand(String(await project.running()) === uuid, `${uuid} does not run`);
  });
}

/** Checks that SIGTERM ends a server and its sessions. */
export async function checkEnd(project: Project, server: Server, wanted: number | string): Promise<void> {
  await project.check('SIGTERM stops the session, and then ends the server', async () => {
    demand((await project.running()).length === 1, 'there is no session to stop');
    const end = await server.terminate();
    demand(end === wanted, `it ended with ${end} instead of ${wanted}\n${server.printed()}`);
    const left = await project.running();
    demand(left.length === 0, `${left} runs on\n${server.printed()}`);
  });
}

/** Runs all checks of a server. */
export async function checkRest(project: Project, server: Server, { path, end }: Rest): Promise<void> {
  await project.check('a handler responds with JSON', async () => {
    const answer = await server.ask(path);
    demand(answer.status === 200, `the response is ${answer.status}: ${answer.text}`);
    demand(typeof jsonOf<unknown>(answer) === 'object', 'it is not an object');
  });
  await checkStart(project, server);
  await checkEnd(project, server, end);
}
