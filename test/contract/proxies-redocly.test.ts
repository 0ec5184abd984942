/** The whole SDK and the simulator with Redocly's proxy between them, which lets every digit through. */
import { beforeAll, describe, expect, test } from 'vitest';
import { OctaSimulator } from '../../src/testing/index.ts';
import { redoclyReadyWithinMs, startRedoclyProxy } from '../support/redocly.ts';
import {
  type Answered,
  clientOn,
  documentedStatuses,
  failure,
  statusesOf,
  statusesOfStory,
  tellStory,
  tellTheRest,
  undocumented,
} from './proxied-story.ts';

const apiKey = 'key-of-the-proxied-story';
const beyond64Bits = 2n ** 64n;

/** Tells the story of a simulator as it is by default, and gives all that was seen of it. */
async function told() {
  const simulator = new OctaSimulator({ apiKey, speed: 100 });
  await using server = await simulator.listen();
  await using proxy = await startRedoclyProxy(server.url);
  const stage = { url: proxy.url, simulator, apiKey, basePrice: 31_428_028_938_060_847_852n };
  const story = await tellStory(stage);
  const afterwards: Answered[] = [];
  const client = clientOn(stage, apiKey, afterwards);
  const { balance } = await client.accounts.balance();
  const recent = await client.sessions.list({ recent: true });
  const rest = await tellTheRest(stage, story);
  const verdict = await proxy.finish();
  return { simulator, balance, recent, verdict, story, answers: [...story, ...afterwards, ...rest] };
}

describe('with the proxy of Redocly', () => {
  let all: Awaited<ReturnType<typeof told>>;
  beforeAll(async () => {
    all = await told();
  }, 2 * redoclyReadyWithinMs);

  test('The story calls every operation, and together with the rest there is every documented response.', () => {
    expect(statusesOf(all.story)).toEqual(statusesOfStory);
    expect(statusesOf(all.answers)).toEqual(documentedStatuses);
    expect(undocumented(all.answers)).toEqual([]);
  });

  test('The client and the simulator follow the spec.', () => {
    const { live, recorded } = all.verdict;
    const exchanges = all.answers.length;
    expect(live).toEqual({ exchanges, documented: exchanges, problems: [] });
    expect(recorded).toEqual(live);
  });

  test('All operations, parameters, responses and request fields were used.', () => {
    const { missingOperations, missingParameters, missingResponses, missingProperties } = all.verdict.coverage;
    expect([missingOperations, missingParameters, missingResponses]).toEqual([[], [], []]);
    expect(missingProperties.filter((each) => each.includes(' request '))).toEqual([]);
  });

  test('A balance and a charge beyond 2^64 arrive to the last digit.', () => {
    const { simulator, balance, recent } = all;
    expect(balance).toBe(simulator.balance);
    expect(balance).toBeGreaterThan(beyond64Bits);
    const charges = new Map(recent.map(({ uuid, charge_amount }) => [uuid, charge_amount]));
    expect(charges).toEqual(new Map(simulator.sessions.map(({ uuid, chargeWei }) => [uuid, chargeWei])));
    expect([...charges.values()].filter((charge = 0n) => charge > beyond64Bits)).toHaveLength(1);
  });
});

test('Wrong requests and wrong responses are detected.', async () => {
  const simulator = new OctaSimulator();
  await using server = await simulator.listen();
  await using proxy = await startRedoclyProxy(server.url);
  const answers: Answered[] = [];
  const client = clientOn({ url: proxy.url }, apiKey, answers);
  // Redocly does not look at a request that was answered with 4xx, so this one is not refused.
  simulator.fail('startVpn', { status: 201, body: { uuid: '5dd2d308-db91-4bda-86ff-e512d711b363' } });
  await client.services.vpn.start({ node_id: 9539 }, { body: { subkind: 'pptp' } });
  await client.nodes.list({ query: { colour: 'red' } });
  await client.api.GET('/nowhere' as '/network');
  await failure(clientOn({ url: proxy.url }, '', answers).accounts.get());
  simulator.fail('getBalance', { status: 200, body: { balance: 'much' } });
  await client.accounts.balance();
  // Nor does it say anything about such an answer, so we look ourselves.
  simulator.fail('getNetwork', { status: 418 });
  await failure(client.network.get());
  const { live, recorded } = await proxy.finish();
  expect(live.problems).toEqual([
    'error startVpn 201: Request field "subkind" has a value outside allowed enum values.',
    'warning listNodes 200: Undocumented query parameter in traffic: "colour"',
    'error GET /nowhere 404: Undocumented endpoint: GET /nowhere',
    'error getAccount 401: Request does not satisfy documented OpenAPI security requirements',
    'error getBalance 200: Response schema mismatch at "balance": must match pattern "^-?[0-9]+$"',
  ]);
  expect(recorded).toEqual(live);
  expect(undocumented(answers)).toContain('getNetwork 418 application/json');
});
