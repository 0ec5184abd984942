/** What each option of the command changes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { OctaClient } from '../../../src/index.ts';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { until } from '../../support/until.ts';
import { runCli, start } from '../cli/console.ts';
import { type Behaviours, freePort } from './behaviour.ts';

/** Options of a command as they are written, with a text, or none for a switch. */
type Given<Name extends string> = { readonly [Each in Name]?: string };

function argumentsOf(given: Given<string>): string[] {
  return Object.entries(given).flatMap(([name, text = '']) => (text === '' ? [name] : [name, text]));
}

/** What `octaspace smoke` prints, and what it asked of the API that the environment names. */
async function smoke(given: Given<string>, suite: string, simulator = new OctaSimulator({ latencyMs: 0 })) {
  await using server = await simulator.listen();
  const env = { OCTA_API_KEY: 'key', OCTA_BASE_URL: server.url, OCTA_RETRY_INTERVAL: '0' };
  const suites = '--suite' in given ? [] : ['--suite', suite];
  const { stdout } = await runCli(['smoke', ...suites, ...argumentsOf(given)], { env });
  return { stdout, asked: simulator.requests.length };
}

type SmokeOption = '--base-url' | '--suite' | '--idle-job' | '--timeout-ms' | '--json';

export const smokeBehaviours: Behaviours<Given<SmokeOption>> = {
  '--base-url': {
    // Nobody is there.
    given: `http://127.0.0.1:${await freePort()}`,
    see: async (given) => (await smoke(given, 'apps')).asked > 0,
    without: true,
    with: false,
  },
  '--suite': {
    given: 'network',
    see: async (given) => /apps/.test((await smoke(given, 'all')).stdout),
    without: true,
    with: false,
  },
  '--idle-job': {
    given: '42/1',
    see: async (given) => {
      const simulator = new OctaSimulator({ latencyMs: 0, nodes: [{ id: 42 }] });
      await smoke(given, 'idle-jobs', simulator);
      return simulator.requests.some(({ operation }) => operation === 'getIdleJob');
    },
    without: false,
    with: true,
  },
  '--timeout-ms': {
    given: '20',
    see: async (given) => {
      const simulator = new OctaSimulator({ latencyMs: 0 });
      simulator.fail('getNetwork', { delayMs: 200 }, Number.POSITIVE_INFINITY);
      return /FAIL/.test((await smoke(given, 'network', simulator)).stdout);
    },
    without: false,
    with: true,
  },
  '--json': {
    given: '',
    see: async (given) => (await smoke(given, 'network')).stdout.startsWith('{'),
    without: false,
    with: true,
  },
};

/** What is to be seen of a running mock. */
async function mock<Seen>(
  given: Given<string>,
  look: (url: string) => PromiseLike<Seen> | Seen,
): Promise<[Seen, string]> {
  const controller = new AbortController();
  const running = start(['mock', '--port', '0', ...argumentsOf(given)], { signal: controller.signal });
  const urlIn = () => /(?:listens at |"url":")(http:[^\s;"]+)/.exec(running.stdout())?.[1];
  await until(() => urlIn() !== undefined);
  const seen = await look(urlIn() ?? '');
  controller.abort();
  return [seen, (await running.ended).stdout];
}

const textOf = async (url: string, key = 'key') => (await fetch(url, { headers: { authorization: key } })).text();

type MockOption =
  | '--port'
  | '--host'
  | '--seed'
  | '--speed'
  | '--latency-ms'
  | '--api-key'
  | '--fail'
  | '--quiet'
  | '--json';

export const mockBehaviours: Behaviours<Given<MockOption>> = {
  '--port': {
    given: String(await freePort()),
    see: async (given) => {
      const controller = new AbortController();
      const running = start(['mock', ...argumentsOf(given)], { signal: controller.signal });
      // The usual port may be taken here; then that is said.
      let isOver = false;
      const ended = running.ended.finally(() => {
        isOver = true;
      });
      await until(() => isOver || running.stdout() !== '');
      controller.abort();
      const { stdout, stderr } = await ended;
      return /\b4010\b/.test(stdout + stderr);
    },
    without: true,
    with: false,
  },
  '--host': {
    given: 'localhost',
    see: async (given) => (await mock(given, (url) => new URL(url).hostname))[0],
    without: '127.0.0.1',
    with: 'localhost',
  },
  '--seed': {
    given: 'another',
    see: async (given) => {
      const machinesOf = async (options: Given<'--seed'>) =>
        (await mock(options, (url) => textOf(`${url}/services/mr`)))[0];
      return (await machinesOf(given)) === (await machinesOf({ '--seed': '1' }));
    },
    without: true,
    with: false,
  },
  '--speed': {
    given: '10000',
    see: async (given) => {
      const isReady = async (baseUrl: string) => {
        const { services } = new OctaClient({ apiKey: 'key', baseUrl });
        const [machine] = await services.mr.available();
        const session = await services.mr.start({
          node_id: machine?.node_id ?? 0,
          disk_size: 20,
          image: 'ubuntu:24.04',
        });
        await sleep(100);
        return (await session.info()).is_ready;
      };
      return (await mock(given, isReady))[0];
    },
    without: false,
    with: true,
  },
  '--latency-ms': {
    given: '300',
    see: async (given) => {
      const [took] = await mock(given, async (url) => {
        const begin = performance.now();
        await textOf(`${url}/network`);
        return performance.now() - begin;
      });
      return took >= 290;
    },
    without: false,
    with: true,
  },
  '--api-key': {
    given: 'the-right-one',
    see: async (given) => (await mock(given, async (url) => (await textOf(`${url}/accounts`)).includes('balance')))[0],
    without: true,
    with: false,
  },
  '--fail': {
    given: 'getNetwork=503',
    see: async (given) => (await mock(given, async (url) => (await fetch(`${url}/network`)).status))[0],
    without: 200,
    with: 503,
  },
  '--json': {
    given: '',
    see: async (given) => (await mock(given, (url) => textOf(`${url}/network`)))[1].includes('{"event":"request",'),
    without: false,
    with: true,
  },
  '--quiet': {
    given: '',
    see: async (given) => (await mock(given, (url) => textOf(`${url}/network`)))[1].includes('getNetwork'),
    without: true,
    with: false,
  },
};
