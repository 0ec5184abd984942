/** The runtime's own time, kept from the start: test runners replace its functions by fakes. */

const { setTimeout: set, clearTimeout: clear } = globalThis;
const now = performance.now.bind(performance);

/** Milliseconds of real time, from an arbitrary start. */
export function realNow(): number {
  return now();
}

/** Calls back after that much real time; gives what takes it back. */
export function afterRealTime(callback: () => void, ms: number): () => void {
  const timer = set(callback, Math.min(Math.max(0, ms), 2 ** 31 - 1));
  return () => clear(timer);
}

function nextTurnOf(runtime: object): (callback: () => void) => void {
  const immediate: unknown = Reflect.get(runtime, 'setImmediate');
  if (typeof immediate === 'function') return (callback) => immediate(callback);
  if (typeof MessageChannel !== 'function') return (callback) => set(callback, 0);
  // Nested timeouts of browsers take 4 ms each; messages take none.
  const waiting: (() => void)[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => waiting.shift()?.();
  return (callback) => {
    waiting.push(callback);
    port2.postMessage(undefined);
  };
}

let turn: ((callback: () => void) => void) | undefined;
const runtimeAtLoad = { setImmediate: Reflect.get(globalThis, 'setImmediate') };

/** Calls back in the next turn of the event loop, when everything that waited for a resolved promise has gone on. */
export function nextTurn(callback: () => void): void {
  turn ??= nextTurnOf(runtimeAtLoad);
  turn(callback);
}
