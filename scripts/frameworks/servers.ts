/** The lanes of frameworks for servers on Node. */
import type { Project } from './project.ts';
import { checkRest } from './rest.ts';

/** Compiles the project. */
async function compile(project: Project): Promise<void> {
  await project.check('it compiles', async () => void (await project.bin('tsc', '-p', '.')));
}

/** Express. */
export async function runExpress(project: Project): Promise<void> {
  await compile(project);
  await using server = await project.start(() => ['dist/server.js']);
  await checkRest(project, server, { path: '/machines', end: 0 });
}

/** Fastify. */
export async function runFastify(project: Project): Promise<void> {
  await compile(project);
  await using server = await project.start(() => ['dist/server.js']);
  await checkRest(project, server, { path: '/sessions', end: 0 });
}

/** Hono on Node. */
export async function runHonoNode(project: Project): Promise<void> {
  await compile(project);
  await using server = await project.start(() => ['dist/node.js']);
  await checkRest(project, server, { path: '/network', end: 0 });
}

/** NestJS. */
export async function runNest(project: Project): Promise<void> {
  await compile(project);
  await using server = await project.start(() => ['dist/main.js']);
  // Nest ends the process with the signal that it received.
  await checkRest(project, server, { path: '/machines', end: 'SIGTERM' });
}
