import { afterEach, describe, expect, test, vi } from 'vitest';
import { OctaClient } from '../../../src/client.ts';
import type { OctaClientOptions } from '../../../src/core/option-types.ts';
import { OctaConfigurationError, OctaNotFoundError, OctaTimeoutError } from '../../../src/errors/errors.ts';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { everyCall, goodAnswer, onceOnly, repeatable } from '../../support/calls.ts';
import { failure } from '../../support/failure.ts';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';

afterEach(() => vi.unstubAllGlobals());

/** A client whose requests get these answers in turn, the last one again and again; nothing waits. */
function clientOf(
  answers: readonly [text: string, status: number][] = [[goodAnswer, 200]],
  options: OctaClientOptions = {},
) {
  let nth = 0;
  return recordingClient(
    () => {
      const [text, status] = answers[Math.min(nth++, answers.length - 1)] ?? ['', 200];
      return jsonAnswer(text, status);
    },
    { retries: 2, retryDelayMs: 0, ...options },
  );
}

describe('The limits of a call', () => {
  const slow: OctaClientOptions = { onRequest: () => new Promise(() => undefined) };

  test.each<[title: string, options: OctaClientOptions, ms: number]>([
    ["are the client's", { totalTimeoutMs: 3 }, 3],
    ['are its own, when it has some', { totalTimeoutMs: 3_600_000 }, 2],
  ])('%s.', async (_, options, ms) => {
    const { client, requests } = clientOf(undefined, { ...slow, ...options });
    const own = ms === 2 ? { totalTimeoutMs: 2 } : {};
    const error = await failure(client.accounts.balance(own), OctaTimeoutError);
    expect(error.message).toBe(`getBalance: no complete response within ${ms} ms (totalTimeoutMs)`);
    expect(requests).toEqual([]);
  });

  test('can be disabled for one call.', async () => {
    const onRequest = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
    const { client } = clientOf(undefined, { onRequest, totalTimeoutMs: 1 });
    await failure(client.accounts.balance(), OctaTimeoutError);
    expect(await client.accounts.balance({ totalTimeoutMs: 0 })).toMatchObject({ balance: 1n });
  });

  test('also apply to calls by path.', async () => {
    const { client } = clientOf(undefined, { ...slow, totalTimeoutMs: 3 });
    expect(await failure(client.api.GET('/accounts/balance'), OctaTimeoutError)).toMatchObject({
      timeout: 'totalTimeoutMs',
    });
  });
});

describe('In a browser', () => {
  test.each(onceOnly)('%s is not sent, and the error says why.', async (_, send) => {
    vi.stubGlobal('document', {});
    const { client, requests } = clientOf();
    const error = await failure(send(client), OctaConfigurationError);
    const why = 'must not happen twice, and a browser may send a request again by itself';
    expect(error.message).toMatch(new RegExp(`^[A-Za-z]+ ${why}; run it on a server, or set allowBillableInBrowser$`));
    expect([error.outcome, requests]).toEqual(['not-sent', []]);
  });

  test('Billable calls are allowed with a simulator.', async () => {
    vi.stubGlobal('document', {});
    const simulator = new OctaSimulator({ seed: 3 });
    const client = new OctaClient({ apiKey: 'any', fetch: simulator.fetch });
    await expect(client.services.mr.start({ node_id: 1, disk_size: 5, image: 'x' })).rejects.not.toBeInstanceOf(
      OctaConfigurationError,
    );
    expect(simulator.requests.map(({ operation }) => operation)).toEqual(['startMr']);
  });

  test.each(repeatable)('%s is sent.', async (_, send) => {
    vi.stubGlobal('document', {});
    const { client, requests } = clientOf();
    await send(client);
    expect(requests).toHaveLength(1);
  });
});

describe('A closed client', () => {
  test.each(everyCall)('rejects %s, and sends nothing.', async (_, send) => {
    const { client, requests } = clientOf();
    await client.close();
    const error = await failure(send(client), OctaConfigurationError);
    expect(error.message).toMatch(/^[A-Za-z]+: the client is closed; create a new one$/);
    expect([error.outcome, requests]).toEqual(['not-sent', []]);
  });

  test('reports that it is closed before it reports the browser.', async () => {
    vi.stubGlobal('document', {});
    const { client } = clientOf();
    await client.close();
    expect((await failure(client.nodes.reboot(7), OctaConfigurationError)).message).toBe(
      'rebootNode: the client is closed; create a new one',
    );
  });

  test.each(repeatable)('completes a call made just before close(): %s.', async (_, send) => {
    const { client, requests } = clientOf();
    await Promise.all([send(client), client.close()]);
    expect(requests).toHaveLength(1);
  });
});

describe('A stop that finds nothing to stop', () => {
  test('succeeds if an earlier attempt may have succeeded.', async () => {
    const { client, requests } = clientOf([
      ['', 503],
      ['', 404],
    ]);
    await client.services.session('u-1').stop();
    expect(requests).toEqual(['POST /services/u-1/stop', 'POST /services/u-1/stop']);
  });

  test.each<[title: string, answers: [string, number][], attempts: number]>([
    ['it is the first attempt', [['', 404]], 1],
    [
      'the attempt before was refused',
      [
        ['', 429],
        ['', 404],
      ],
      2,
    ],
  ])('throws if %s.', async (_, answers, attempts) => {
    const { client } = clientOf(answers);
    const error = await failure(client.services.session('u-1').stop(), OctaNotFoundError);
    expect(error.attempts).toHaveLength(attempts);
  });

  test('does not change a read, which still throws 404.', async () => {
    const { client } = clientOf([
      ['', 503],
      ['', 404],
    ]);
    await failure(client.nodes.get(7), OctaNotFoundError);
  });
});
