/** `npm run demo`: shows the SDK on the simulator, on a mock of the API or, with --live, on the API itself. */
import { isOctaError, OctaAbortError, OctaClient } from '../src/index.ts';
import { OctaSimulator } from '../src/testing/index.ts';
import { startPrism } from '../test/support/prism.ts';
import { print } from './demo/output.ts';
import { rentOn } from './demo/rental.ts';
import { readOnlyTour, wholeTour } from './demo/tour.ts';

const usage = `Shows the SDK at work.

  npm run demo               a complete rental, and what can go wrong, on a simulator of the API; takes about 10 s
  npm run demo -- --prism    every step once on a mock that returns the examples of the spec (Prism)
  npm run demo -- --live     the read-only part on the live API; needs OCTA_API_KEY in the environment
  npm run demo -- --help     this text

OCTA_BASE_URL sets another base URL of the live API, such as https://api.octa.space.`;

const exitFailed = 1;
const exitMisused = 2;
const exitInterrupted = 130;

/** How many times faster than real time the clock of the simulator runs. */
const speed = 8;

async function showSimulation(): Promise<number> {
  const interruption = new AbortController();
  process.on('SIGINT', () => interruption.abort());
  const simulator = new OctaSimulator({ speed, readyAfterMs: 14_000 });
  print(
    'This demo uses a simulator of the API in this process. The machines, sessions, logs and charges are not real.',
  );
  print(`Its clock runs ${speed} times as fast as yours. Ctrl-C stops the demo and its sessions.`);
  try {
    await rentOn(simulator, interruption.signal);
    return 0;
  } catch (error) {
    if (!(error instanceof OctaAbortError)) throw error;
    print('', `Interrupted. Sessions still running: ${simulator.running.length}.`);
    return exitInterrupted;
  }
}

async function showMock(): Promise<void> {
  print('Starting a mock of the API (Prism, from generated/openapi.json). This takes 2 to 9 seconds.');
  const startedAt = performance.now();
  await using mock = await startPrism();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  print(`Ready at ${mock.url} after ${seconds} s.`);
  print('It returns the examples of the spec. It rents nothing and costs nothing.');
  await wholeTour(new OctaClient({ apiKey: 'any-key-will-do', baseUrl: mock.url }));
  print(
    '',
    'The demo is complete. The mock returns only its examples, so the list does not show the session that was just stopped.',
  );
}

async function showLive(apiKey: string): Promise<void> {
  const baseUrl = process.env.OCTA_BASE_URL?.trim() || undefined;
  print(`Reading from ${baseUrl ?? 'the live API'}. Nothing is started, stopped or changed.`);
  await readOnlyTour(new OctaClient({ apiKey, baseUrl }));
  print('', 'The demo is complete. Nothing was started, stopped or changed.');
}

function misused(message: string): number {
  console.error(`${message}\n\n${usage}`);
  return exitMisused;
}

async function main(given: readonly string[]): Promise<number> {
  const unknown = given.filter((argument) => !['--prism', '--live', '--help', '-h'].includes(argument));
  if (unknown.length > 0) return misused(`Unknown: ${unknown.join(' ')}`);
  if (given.includes('--help') || given.includes('-h')) {
    print(usage);
    return 0;
  }
  const [live, prism] = [given.includes('--live'), given.includes('--prism')];
  if (live && prism) return misused('Use either --live or --prism, not both.');
  if (prism) {
    await showMock();
    return 0;
  }
  if (!live) return showSimulation();
  const apiKey = process.env.OCTA_API_KEY?.trim() ?? '';
  if (apiKey === '') return misused('--live needs an API key: set OCTA_API_KEY.');
  await showLive(apiKey);
  return 0;
}

/** The message of an error. */
function explain(error: unknown): string {
  if (!isOctaError(error)) return error instanceof Error ? error.message : String(error);
  const attempts = error.attempts.length > 1 ? `, after ${error.attempts.length} attempts` : '';
  return `${error.name}: ${error.message} (outcome: ${error.outcome}${attempts})`;
}

// The reader may close the pipe, as in `npm run demo | head`.
process.stdout.on('error', () => process.exit(exitFailed));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`\nThe demo failed. ${explain(error)}`);
  process.exitCode = exitFailed;
}
