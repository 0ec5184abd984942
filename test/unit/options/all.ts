/** The options of everything that has options. */
import { type AnyBehaviour, eachOf } from './behaviour.ts';
import { callBehaviours, clientBehaviours } from './client.ts';
import { mockBehaviours, smokeBehaviours } from './command.ts';
import { mcpBehaviours } from './command-mcp.ts';
import { runBehaviours } from './command-run.ts';
import { reapBehaviours, sessionsBehaviours, stopBehaviours } from './command-sessions.ts';
import { machineBehaviours, relayBehaviours } from './finding.ts';
import { instrumentBehaviours, queriesBehaviours, watchQueryBehaviours } from './integrations.ts';
import { closeBehaviours, reconcileBehaviours, rentManyBehaviours, sessionStopBehaviours } from './leases.ts';
import { guardBehaviours, leaseBehaviours, stopAllBehaviours, waitBehaviours, watchBehaviours } from './renting.ts';
import { listenBehaviours, simulatorBehaviours } from './simulator.ts';
import { lagBehaviours, lieBehaviours } from './simulator-conditions.ts';

/** By what they are options of. */
export const behaviours = {
  'the client': eachOf(clientBehaviours),
  'a call': eachOf(callBehaviours),
  rent: eachOf(leaseBehaviours),
  rentMany: eachOf(rentManyBehaviours),
  waitUntilReady: eachOf(waitBehaviours),
  watch: eachOf(watchBehaviours),
  guard: eachOf(guardBehaviours),
  stopAll: eachOf(stopAllBehaviours),
  stop: eachOf(sessionStopBehaviours),
  close: eachOf(closeBehaviours),
  reconcile: eachOf(reconcileBehaviours),
  'find of machines': eachOf(machineBehaviours),
  'find of relays': eachOf(relayBehaviours),
  octaQueries: eachOf(queriesBehaviours),
  'watch of a query': eachOf(watchQueryBehaviours),
  instrument: eachOf(instrumentBehaviours),
  'the simulator': eachOf(simulatorBehaviours),
  'the lag of the simulator': eachOf(lagBehaviours),
  'the lies of the simulator': eachOf(lieBehaviours),
  listen: eachOf(listenBehaviours),
  'octaspace smoke': eachOf(smokeBehaviours),
  'octaspace mock': eachOf(mockBehaviours),
  'octaspace run': eachOf(runBehaviours),
  'octaspace sessions': eachOf(sessionsBehaviours),
  'octaspace stop': eachOf(stopBehaviours),
  'octaspace reap': eachOf(reapBehaviours),
  'octaspace mcp': eachOf(mcpBehaviours),
} satisfies Record<string, readonly AnyBehaviour[]>;
