/** What is sent again, where to, and what never is. */
import type { RetryContext } from '@octaspace/sdk';
import { demand, equal, matches, rejection, settled } from './expect.ts';
import { type Kit, order, started, type Test } from './kit.ts';
import type { Step } from './types.ts';

const good = { body: '{"balance":1}' } as const;

/** What a read gets over, and a start must not be repeated for. */
const passing: readonly (readonly [what: string, step: Step])[] = [
  ['a 429', { status: 429 }],
  ['a 500', { status: 500 }],
  ['a 503', { status: 503 }],
  ['a broken connection', { fault: 'reset' }],
  ['an answer that breaks off', { fault: 'cut-body' }],
  ['JSON that breaks off', { body: '{"balance":' }],
];

const ofReads = passing.map<Test>(([what, step]) => [
  `A read is tried again after ${what}.`,
  async (kit) => {
    const scene = await kit.scene(step, step, good);
    const { data, response } = await kit.client(scene).accounts.balance().withResponse();
    equal(data.balance, 1n, 'the balance');
    // A browser may have repeated one by itself, which the SDK does not see.
    demand(response.attempts <= 3, `there were ${response.attempts} attempts`);
    equal((await scene.lines()).length, 3, 'the number of requests');
  },
]);

/** How often something may arrive that the SDK sends once. */
function mostOf(act: 'start' | 'reboot', kit: Kit): number {
  return kit.isExcepted('sends-twice') || (act === 'reboot' && kit.isExcepted('repeats-gets')) ? 2 : 1;
}

const ofStarts = passing.map<Test>(([what, step]) => [
  `A start and a reboot are sent once, whatever happens: ${what}.`,
  async (kit) => {
    for (const act of ['start', 'reboot'] as const) {
      const scene = await kit.scene(step);
      const { services, nodes } = kit.client(scene, { ...kit.billable, retries: 5 });
      // The answer to a reboot is of no interest to the SDK, so that one is content with a broken body.
      if (act === 'start') await rejection(kit.sdk.OctaError, services.mr.start(order));
      else await settled(nodes.reboot(7));
      const { length } = await scene.lines();
      demand(length >= 1 && length <= mostOf(act, kit), `the ${act} arrived ${length} times`);
    }
  },
]);

export const attempts: readonly Test[] = [
  ...ofReads,
  ...ofStarts,
  [
    'Retry-After is waited for.',
    async (kit) => {
      const told: RetryContext[] = [];
      const scene = await kit.scene({ status: 429, headers: { 'retry-after': '1' } }, good);
      const begun = performance.now();
      await kit.client(scene, { onRetry: (context) => void told.push(context) }).accounts.balance();
      const tookMs = performance.now() - begun;
      demand(tookMs > 990, `the call took ${tookMs} ms`);
      equal(
        told.map(({ attempt, error, nextUrl }) => [attempt, error.name, nextUrl]),
        [[1, 'OctaRateLimitError', `${scene.url}/accounts/balance`]],
      );
      demand((told[0]?.delayMs ?? 0) >= 1_000, `the wait is ${told[0]?.delayMs} ms`);
    },
  ],
  [
    'A Retry-After that is too long is not waited for.',
    async (kit) => {
      const scene = await kit.scene({ status: 429, headers: { 'retry-after': '3600' } });
      const error = await rejection(kit.sdk.OctaRateLimitError, kit.client(scene).accounts.balance());
      matches(error, { retryAfter: 3_600, stoppedBy: 'maxRetryAfterMs' });
      equal((await scene.lines()).length, 1, 'the number of requests');
    },
  ],
  [
    'A stop is tried again, and a session that is gone by then counts as stopped.',
    async (kit) => {
      const scene = await kit.scene({ status: 503 }, { status: 404 });
      equal(await kit.client(scene).services.session('u-1').stop(), { confirmed: false, alreadyStopped: true });
      equal(await scene.lines(), ['POST /services/u-1/stop', 'POST /services/u-1/stop']);
    },
  ],
  [
    'A read gets through although its kept connection turns out to be dead.',
    async (kit) => {
      const scene = await kit.scene(good, { fault: 'reset' }, good);
      const { accounts } = kit.client(scene);
      await accounts.balance();
      equal((await accounts.balance()).balance, 1n, 'the balance');
    },
  ],
  [
    'A start and a reboot are not sent twice although there is a kept connection that turns out to be dead.',
    async (kit) => {
      for (const act of ['start', 'reboot'] as const) {
        const scene = await kit.scene(good, { fault: 'reset' }, started);
        const { accounts, services, nodes } = kit.client(scene, { ...kit.billable, retries: 5 });
        await accounts.balance();
        await settled(act === 'start' ? services.mr.start(order) : nodes.reboot(7));
        const length = (await scene.lines()).length - 1;
        demand(length >= 1 && length <= mostOf(act, kit), `the ${act} arrived ${length} times`);
      }
    },
  ],
  [
    'A read moves on from a dead base URL at once, and the URL rests.',
    async (kit) => {
      const scene = await kit.scene(good);
      const client = kit.client(scene, { baseUrls: [kit.task.deadUrl, scene.url], retryDelayMs: 60_000 });
      const { response } = await client.accounts.balance().withResponse();
      equal([response.attempts, response.url], [2, `${scene.url}/accounts/balance`]);
      await client.accounts.balance();
      const { baseUrls } = client.transportStats();
      equal(
        baseUrls.map(({ state, attempts, failures }) => [state, attempts, failures]),
        [
          ['resting', 1, 1],
          ['healthy', 2, 0],
        ],
      );
      equal((await scene.lines()).length, 2, 'the number of requests');
    },
  ],
  [
    'A start moves on from a dead base URL only with the proof that it was not sent.',
    async (kit) => {
      const scene = await kit.scene(started);
      const client = kit.client(scene, { ...kit.billable, baseUrls: [kit.task.deadUrl, scene.url] });
      if (kit.isExcepted('no-proof')) {
        const error = await rejection(kit.sdk.OctaNetworkError, client.services.mr.start(order));
        matches(error, { outcome: 'unknown' });
        equal(await scene.lines(), []);
      } else {
        equal((await client.services.mr.start(order)).uuid, 'u-1', 'the uuid');
        equal(await scene.lines(), ['POST /services/mr']);
      }
    },
  ],
  [
    'A 503 of one base URL is no 503 of the other.',
    async (kit) => {
      const [ailing, sound] = [await kit.scene({ status: 503 }), await kit.scene(good)];
      const client = kit.client(sound, { baseUrls: [ailing.url, sound.url], retryDelayMs: 60_000 });
      equal((await client.accounts.balance()).balance, 1n, 'the balance');
      equal([(await ailing.lines()).length, (await sound.lines()).length], [1, 1], 'the numbers of requests');
    },
  ],
  [
    'What must not happen twice is refused where the runtime may send it twice, unless that is allowed.',
    async (kit) => {
      const scene = await kit.scene(started);
      const client = kit.client(scene);
      if (kit.isExcepted('sends-twice')) {
        for (const call of [() => client.services.mr.start(order), () => client.nodes.reboot(7)]) {
          const error = await rejection(kit.sdk.OctaConfigurationError, call());
          demand(error.message.includes('allowBillableInBrowser'), error.message);
        }
        equal(await scene.lines(), []);
      }
      const allowed = kit.isExcepted('sends-twice') ? kit.client(scene, kit.billable) : client;
      equal((await allowed.services.mr.start(order)).uuid, 'u-1', 'the uuid');
      equal(await scene.lines(), ['POST /services/mr']);
    },
  ],
];
