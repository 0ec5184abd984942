/** The simulated world of the page, and its faults. */
import type { FetchLike } from '@octaspace/sdk';
import { OctaSimulator, type ScriptedFault } from '@octaspace/sdk/testing';
import { type Connection, demoKey } from '../client/connection.ts';
import { scenarioOf } from './scenarios.ts';

/** How long a response takes in real time. Unit: ms. */
const latencyMs = 120;

/** A world, its settings, and its faults. */
interface World {
  readonly seed: string;
  readonly speed: number;
  readonly simulator: OctaSimulator;
  faults: readonly ScriptedFault[];
}

let world: World | undefined;

/** Returns the same world while seed and speed do not change, so that sessions outlive a change of scenario. */
function worldFor({ seed, speed }: Connection): World {
  if (world?.seed !== seed || world.speed !== speed) {
    const options = { seed, speed, apiKey: demoKey, latencyMs: latencyMs * speed, readyAfterMs: 8_000 };
    const simulator = new OctaSimulator({ ...options, machines: 24, relays: 12, renderMachines: 8, nodes: 8 });
    world = { seed, speed, simulator, faults: [] };
  }
  return world;
}

function rewriting(fetch: FetchLike, rewrite: (text: string) => string): FetchLike {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (!response.headers.get('content-type')?.includes('json')) return response;
    const { status } = response;
    const headers = new Headers(response.headers);
    headers.delete('content-length');
    return new Response(rewrite(await response.text()), { status, headers });
  };
}

/** Options of a client for the simulated world in a scenario. */
export function simulate(connection: Connection) {
  const current = worldFor(connection);
  const { simulator } = current;
  const scenario = scenarioOf(connection.scenario);
  for (const fault of current.faults) fault.remove();
  current.faults = scenario
    .faults(connection)
    .map(([match, fault]) => simulator.fail(match, fault, Number.POSITIVE_INFINITY));
  const { fetch, clock } = simulator;
  return {
    ...scenario.options?.(connection),
    // A simulator sends no requests, so the browser cannot send one twice.
    allowBillableInBrowser: true,
    fetch: scenario.rewrite === undefined ? fetch : rewriting(fetch, scenario.rewrite),
    clock,
  };
}
