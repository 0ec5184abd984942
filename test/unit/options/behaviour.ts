/** The visible effect of an option: one result without the option, another with it. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/** One option. */
export interface Behaviour<Options, Name extends keyof Options> {
  /** The value that is tried. */
  readonly given: Exclude<Options[Name], undefined>;
  /** What is to be seen with options; they hold the tried one, or nothing. */
  readonly see: (options: Pick<Options, Name>) => unknown;
  readonly without: unknown;
  readonly with: unknown;
}

/** Every option of a type; one that is missing does not compile. */
export type Behaviours<Options> = { readonly [Name in keyof Required<Options>]: Behaviour<Options, Name> };

/** One option, whatever it is of. */
export interface AnyBehaviour {
  readonly name: string;
  readonly given: unknown;
  readonly see: (options: object) => unknown;
  readonly without: unknown;
  readonly with: unknown;
}

/** The options of a table, one by one. */
export function eachOf<Options>(behaviours: Behaviours<Options>): AnyBehaviour[] {
  const entries: [string, Omit<AnyBehaviour, 'name' | 'see'> & { readonly see: unknown }][] =
    Object.entries(behaviours);
  // Each is only ever given what its own table holds for it.
  return entries.map(([name, behaviour]) => ({ ...behaviour, name, see: behaviour.see as AnyBehaviour['see'] }));
}

/** How something ended: `ok`, or the name of what was thrown. */
export async function endOf(work: () => PromiseLike<unknown> | unknown): Promise<string> {
  try {
    await work();
    return 'ok';
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

/** An unused port. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  server.close();
  await once(server, 'close');
  return address.port;
}
