/** The whole SDK and the simulator with Prism's proxy between them. It rounds large integers, so here all amounts are small. */
import { beforeAll, describe, expect, test } from 'vitest';
import { OctaSimulator } from '../../src/testing/index.ts';
import { prismReadyWithinMs, startPrismProxy } from '../support/prism.ts';
import {
  type Answered,
  clientOn,
  documentedStatuses,
  failure,
  type Stage,
  statusesOf,
  statusesOfStory,
  tellStory,
  tellTheRest,
  undocumented,
} from './proxied-story.ts';

const apiKey = 'key-of-the-proxied-story';

function rentables(firstId: number): { node_id: number; priceWeiPerHour: bigint }[] {
  return Array.from({ length: 6 }, (_, index) => ({ node_id: firstId + index, priceWeiPerHour: 100_000_000_000_000n }));
}

function simulatorOfSmallAmounts(quirks: boolean): OctaSimulator {
  const offers = { machines: rentables(8000), renderMachines: rentables(200_000), relays: rentables(400_000) };
  return new OctaSimulator({ apiKey, speed: 100, quirks, balanceWei: 9_000_000_000_000_000n, ...offers });
}

/** Nodes of operators have seeded prices of 17 digits, which no option makes smaller. */
async function lowerPrices(url: string): Promise<void> {
  const { nodes } = clientOn({ url }, apiKey, []);
  for (const { id } of await nodes.list()) await nodes.updatePrices(id, { base: 3_000_000_000_000_000n });
}

/** Keys of integers beyond 2^53 in a text of JSON. */
function unsafeKeys(text: string): string[] {
  const found: string[] = [];
  JSON.parse(text, (key, value: unknown) => {
    // The difficulty of mining is no amount. The simulator itself has it as a double, which Prism hands on as it is.
    if (Number.isInteger(value) && !Number.isSafeInteger(value) && key !== 'difficulty') found.push(key);
    return value;
  });
  return found;
}

/** A fetch that notes unsafe integers, going and coming; rounded ones are as large as they were. */
function watchingFetch(unsafe: string[]): Stage['fetch'] {
  return async (url, init) => {
    const response = await fetch(url, init);
    const isJson = response.headers.get('content-type') === 'application/json';
    const texts = [init.body, isJson ? await response.clone().text() : undefined];
    unsafe.push(...texts.flatMap((text) => (typeof text === 'string' ? unsafeKeys(text) : [])));
    return response;
  };
}

function violationsIn(answers: readonly Answered[]): string[] {
  return answers.flatMap(({ operation, status, headers }) => {
    const violations = headers.get('sl-violations');
    return violations === null ? [] : [`${operation} ${status}: ${violations}`];
  });
}

/** Tells the story, and gives all that was seen of it. */
async function told(quirks: boolean) {
  const simulator = simulatorOfSmallAmounts(quirks);
  await using server = await simulator.listen();
  await lowerPrices(server.url);
  await using proxy = await startPrismProxy(server.url);
  const unsafe: string[] = [];
  const basePrice = 3_100_000_000_000_000n;
  const stage = { url: proxy.url, simulator, apiKey, basePrice, fetch: watchingFetch(unsafe) };
  const story = await tellStory(stage);
  const rest = await tellTheRest(stage, story);
  return { unsafe, story, answers: [...story, ...rest] };
}

describe.each([
  ['with the oddities of the real API', true],
  ['without oddities', false],
])('with the proxy of Prism, %s', (_, quirks) => {
  let all: Awaited<ReturnType<typeof told>>;
  beforeAll(async () => {
    all = await told(quirks);
  }, 2 * prismReadyWithinMs);

  test('The story calls every operation, and together with the rest there is every documented response.', () => {
    expect(statusesOf(all.story)).toEqual(statusesOfStory);
    expect(statusesOf(all.answers)).toEqual(documentedStatuses);
    expect(undocumented(all.answers)).toEqual([]);
  });

  test('The client and the simulator follow the spec.', () => {
    expect(violationsIn(all.answers)).toEqual([]);
  });

  test('No integer was large enough for Prism to round it.', () => {
    expect(all.unsafe).toEqual([]);
  });
});

test('Wrong requests and wrong responses are detected.', async () => {
  const simulator = new OctaSimulator();
  await using server = await simulator.listen();
  await using proxy = await startPrismProxy(server.url);
  const answers: Answered[] = [];
  const client = clientOn({ url: proxy.url }, apiKey, answers);
  await failure(client.services.vpn.start({ node_id: 9539 }, { body: { subkind: 'pptp' } }));
  await failure(clientOn({ url: proxy.url }, '', answers).accounts.get());
  simulator.fail('getBalance', { status: 200, body: { balance: 'much' } });
  await client.accounts.balance();
  simulator.fail('getBalance', { status: 418 });
  await failure(client.accounts.balance());
  expect(violationsIn(answers)).toEqual([
    expect.stringMatching(/^startVpn 422: .*"request","body","subkind".*"enum"/),
    expect.stringMatching(/^getAccount 401: .*"request".*Invalid security scheme/),
    expect.stringMatching(/^getBalance 200: .*"response","body","balance".*"pattern"/),
    expect.stringMatching(/^getBalance 418: .*"response".*Unable to match the returned status code/),
  ]);
});
