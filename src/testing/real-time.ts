/** The real time functions of the runtime, saved at load time because test runners replace them with fakes. */
import { isWorkers } from '../errors/runtime.ts';

type AnyFunction = (...given: unknown[]) => unknown;

/** A built-in module of the runtime; undefined if it does not exist. */
export function builtin(name: string): object | undefined {
  const process: unknown = Reflect.get(globalThis, 'process');
  const load: unknown =
    typeof process === 'object' && process !== null ? Reflect.get(process, 'getBuiltinModule') : undefined;
  const found: unknown = typeof load === 'function' ? load.call(process, name) : undefined;
  return typeof found === 'object' && found !== null ? found : undefined;
}

function functionIn(place: object | undefined, name: string): AnyFunction | undefined {
  const found: unknown = place === undefined ? undefined : Reflect.get(place, name);
  return typeof found === 'function' ? (...given) => found.apply(place, given) : undefined;
}

function isFake(place: object | undefined, name: string): boolean {
  const found: unknown = place === undefined ? undefined : Reflect.get(place, name);
  // Fakes of Sinon, which jest and Vitest use too, have a clock. Fakes of Node's test runner have another name.
  return typeof found === 'function' && ('clock' in found || found.name !== name);
}

const timers = builtin('node:timers');

/** A timer function of the module, which is rarely replaced by a fake; otherwise the global one. */
function timerFunction(name: string): AnyFunction | undefined {
  const real = [timers, globalThis].find((place) => functionIn(place, name) !== undefined && !isFake(place, name));
  return functionIn(real, name);
}

const set = timerFunction('setTimeout') ?? functionIn(globalThis, 'setTimeout');
const clear = timerFunction('clearTimeout') ?? functionIn(globalThis, 'clearTimeout');
const repeat = timerFunction('setInterval');
const stopRepeating = timerFunction('clearInterval');
const immediate = timerFunction('setImmediate');
const performanceAtLoad =
  Reflect.get(builtin('node:perf_hooks') ?? globalThis, 'performance') ?? globalThis.performance;
const now: () => number = performanceAtLoad?.now.bind(performanceAtLoad) ?? Date.now;

const longestMs = 2 ** 31 - 1;

/** Milliseconds of real time, from an arbitrary start. */
export function realNow(): number {
  return now();
}

/** Calls back after `ms` of real time. Returns a function that cancels this. */
export function afterRealTime(callback: () => void, ms: number): () => void {
  const timer = set?.(callback, Math.min(Math.max(0, ms), longestMs));
  return () => clear?.(timer);
}

/** Keeps the process alive, as an open connection would. Returns a function that ends this. */
export function keepAlive(): () => void {
  const timer = repeat?.(() => undefined, longestMs);
  return () => stopRepeating?.(timer);
}

function turnsByMessages(): (callback: () => void) => void {
  const waiting: (() => void)[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    const next = waiting.shift();
    // A listening port keeps its process alive, but only waiting callbacks should.
    if (waiting.length === 0) functionIn(port1, 'unref')?.();
    next?.();
  };
  return (callback) => {
    if (waiting.push(callback) === 1) functionIn(port1, 'ref')?.();
    port2.postMessage(undefined);
  };
}

function makeTurns(): (callback: () => void) => void {
  if (immediate !== undefined) return immediate;
  // In browsers, nested timeouts take 4 ms each, and messages do not. On Workers, a channel works only for the request that made it.
  return typeof MessageChannel === 'function' && !isWorkers() ? turnsByMessages() : (callback) => set?.(callback, 0);
}

let turn: ((callback: () => void) => void) | undefined;

/** Calls back in the next turn of the event loop, after all code that waits for a resolved promise has continued. */
export function nextTurn(callback: () => void): void {
  turn ??= makeTurns();
  turn(callback);
}
