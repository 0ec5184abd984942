/** The lane of Cloudflare Workers, which wrangler runs in workerd. */
import { demand } from '../package/run.ts';
import type { Project } from './project.ts';
import { checkStart, jsonOf } from './rest.ts';
import type { Server } from './server.ts';

/** Starts the Worker with these variables. */
function start(project: Project, variables: Readonly<Record<string, string>>): Promise<Server> {
  const given = Object.entries(variables).flatMap(([name, value]) => ['--var', `${name}:${value}`]);
  const place = ['--ip', '127.0.0.1', '--inspector-port', '0', '--show-interactive-dev-session=false'];
  return project.start((port) => ['wrangler', 'dev', '--local', ...place, '--port', port, ...given]);
}

/** Hono on Workers. */
export async function runWorkers(project: Project): Promise<void> {
  const { OCTA_API_KEY = '', OCTA_BASE_URL = '' } = project.env;
  await project.check('a Worker without a key makes many public calls at once', async () => {
    await using server = await start(project, { OCTA_BASE_URL });
    for (const answer of await Promise.all(Array.from({ length: 8 }, () => server.ask('/network')))) {
      demand(answer.status === 200, `the response is ${answer.status}: ${answer.text}`);
      demand(typeof jsonOf<unknown>(answer) === 'object', answer.text);
    }
  });
  await using server = await start(project, { OCTA_API_KEY, OCTA_BASE_URL });
  await checkStart(project, server);
  await project.check('SIGTERM ends it, and nothing else', async () => {
    const end = await server.terminate();
    demand(end === 0, `it ended with ${end}\n${server.printed()}`);
    // As the page says, a Worker cannot run code when it ends.
    demand((await project.running()).length === 1, 'the session does not run on');
  });
}
