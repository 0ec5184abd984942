/** How calls end early: time limits and signals. */
import { demand, equal, matches, rejection, sleep, until } from './expect.ts';
import type { Kit, Scene, Test } from './kit.ts';

/** Long enough that nothing waits for it. Unit: ms. */
const anHour = 3_600_000;
const unlimited = { timeoutMs: 0, totalTimeoutMs: 0 } as const;

/** The reasons that callers may abort for. */
const reasons: readonly unknown[] = [new Error('changed my mind'), 'text', { because: 7 }];

/** Aborts a call for each reason, and demands that the error has it as its cause. */
async function abortWith(kit: Kit, call: (controller: AbortController, reason: unknown) => PromiseLike<unknown>) {
  for (const reason of reasons) {
    const error = await rejection(kit.sdk.OctaAbortError, call(new AbortController(), reason));
    demand(error.cause === reason, `the cause is ${String(error.cause)} instead of ${String(reason)}`);
    demand(kit.sdk.isNetworkError(error) && !kit.sdk.isTimeout(error), 'the guards are wrong');
  }
}

/** Aborts once so many requests have arrived; when they do not, it is the call that says why. */
function abortOnArrival(scene: Scene, count: number, abort: () => void): void {
  scene.arrived(count).then(abort, () => undefined);
}

/** Waits until the server has noticed that the client gave up. */
function givenUp(scene: Scene, count = 1): Promise<void> {
  return until(async () => (await scene.report()).givenUp >= count);
}

/** A signal that ends by a time limit, where the runtime has such. */
function signalAfter(ms: number): AbortSignal {
  if (typeof AbortSignal.timeout === 'function') return AbortSignal.timeout(ms);
  const controller = new AbortController();
  setTimeout(() => controller.abort(new DOMException('too late', 'TimeoutError')), ms);
  return controller.signal;
}

export const endings: readonly Test[] = [
  [
    'A silent server is an OctaTimeoutError of the attempt, and the connection is given up.',
    async (kit) => {
      for (const fault of ['stall', 'stall-body'] as const) {
        const scene = await kit.scene({ fault });
        const call = kit.client(scene, { timeoutMs: 200, retries: 0 }).accounts.balance();
        const error = await rejection(kit.sdk.OctaTimeoutError, call);
        matches(error, { timeout: 'timeoutMs', outcome: 'unknown' });
        demand(kit.sdk.isTimeout(error) && kit.sdk.isNetworkError(error), 'the guards do not know it');
        await givenUp(scene);
      }
    },
  ],
  [
    'An attempt that took too long is tried again.',
    async (kit) => {
      const scene = await kit.scene({ fault: 'stall' }, { body: '{"balance":1}' });
      const { response } = await kit.client(scene, { timeoutMs: 500 }).accounts.balance().withResponse();
      demand(response.attempts > 1, 'there was one attempt');
    },
  ],
  [
    'totalTimeoutMs ends the whole call.',
    async (kit) => {
      const scene = await kit.scene({ status: 503 }, { fault: 'stall' });
      const call = kit.client(scene, { timeoutMs: 0, totalTimeoutMs: 1_000 }).accounts.balance();
      const error = await rejection(kit.sdk.OctaTimeoutError, call);
      matches(error, { timeout: 'totalTimeoutMs', outcome: 'unknown' });
      equal(error.attempts.length, 2, 'the number of attempts');
    },
  ],
  [
    'A signal with a time limit of its own is an OctaTimeoutError.',
    async (kit) => {
      const scene = await kit.scene({ fault: 'stall' });
      const call = kit.client(scene, unlimited).accounts.balance({ signal: signalAfter(200) });
      matches(await rejection(kit.sdk.OctaTimeoutError, call), { timeout: 'signal', outcome: 'unknown' });
    },
  ],
  [
    'A signal that was aborted before lets nothing be sent, and its reason is kept.',
    async (kit) => {
      const scene = await kit.scene({});
      const { accounts } = kit.client(scene);
      await abortWith(kit, (controller, reason) => {
        controller.abort(reason);
        return accounts.balance({ signal: controller.signal });
      });
      equal(await scene.lines(), []);
    },
  ],
  [
    'An abort before the headers ends the call and the connection.',
    async (kit) => {
      const scene = await kit.scene({ fault: 'stall' });
      const { accounts } = kit.client(scene, unlimited);
      let count = 0;
      await abortWith(kit, (controller, reason) => {
        count++;
        abortOnArrival(scene, count, () => controller.abort(reason));
        return accounts.balance({ signal: controller.signal });
      });
      await givenUp(scene, reasons.length);
    },
  ],
  [
    'An abort within the body ends the call and the connection.',
    async (kit) => {
      const scene = await kit.scene({ fault: 'stall-body' });
      await abortWith(kit, (controller, reason) => {
        // Its answer has come, so the body is what is waited for.
        const fetch = async (url: string, init: RequestInit): Promise<Response> => {
          const response = await globalThis.fetch(url, init);
          setTimeout(() => controller.abort(reason), 20);
          return response;
        };
        return kit.client(scene, { ...unlimited, fetch }).accounts.balance({ signal: controller.signal });
      });
      await givenUp(scene, reasons.length);
    },
  ],
  [
    'An abort ends the wait for another attempt, and nothing is sent any more.',
    async (kit) => {
      const scene = await kit.scene({ status: 503, headers: { 'retry-after': '30' } });
      await abortWith(kit, (controller, reason) => {
        const onRetry = () => void setTimeout(() => controller.abort(reason), 0);
        return kit.client(scene, { ...unlimited, onRetry }).accounts.balance({ signal: controller.signal });
      });
      equal((await scene.lines()).length, reasons.length, 'the number of requests');
    },
  ],
  [
    'An abort without a reason is an AbortError underneath.',
    async (kit) => {
      const scene = await kit.scene({ fault: 'stall' });
      const controller = new AbortController();
      abortOnArrival(scene, 1, () => controller.abort());
      const call = kit.client(scene, unlimited).accounts.balance({ signal: controller.signal });
      const { cause } = await rejection(kit.sdk.OctaAbortError, call);
      demand(cause instanceof Error && cause.name === 'AbortError', `the cause is ${String(cause)}`);
    },
  ],
  [
    'One signal ends many calls.',
    async (kit) => {
      const scene = await kit.scene({ status: 503, headers: { 'retry-after': '30' } });
      const controller = new AbortController();
      const { accounts } = kit.client(scene, { timeoutMs: anHour, totalTimeoutMs: anHour });
      const calls = Array.from({ length: 5 }, () => accounts.balance({ signal: controller.signal }));
      const settled = Promise.allSettled(calls);
      await scene.arrived(calls.length);
      await sleep(20);
      controller.abort();
      const aborted = (await settled).filter(
        (each) => each.status === 'rejected' && each.reason.name === 'OctaAbortError',
      );
      equal(aborted.length, calls.length, 'the number of aborted calls');
    },
  ],
];
