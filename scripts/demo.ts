/** `npm run demo`: the SDK at work, against a mock of the API or, with --live, against the API itself. */
import { isOctaError, OctaClient } from '../src/index.ts';
import { startPrism } from '../test/support/prism.ts';
import { print } from './demo/output.ts';
import { readOnlyTour, wholeTour } from './demo/tour.ts';

const usage = `Shows the SDK at work.

  npm run demo              everything, a rental included, against a mock of the API on this machine
  npm run demo -- --live    the read-only part against the live API; needs OCTA_API_KEY in the environment
  npm run demo -- --help    this text

OCTA_BASE_URL names another address of the live API, such as https://api.octa.space.`;

const exitFailed = 1;
const exitMisused = 2;

async function showMock(): Promise<void> {
  print('Starting a mock of the API (Prism, from generated/openapi.json). This takes 2 to 9 seconds.');
  const startedAt = performance.now();
  await using mock = await startPrism();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  print(`Ready at ${mock.url} after ${seconds} s.`);
  print('It answers with the examples of the spec, so nothing is rented and nothing is paid.');
  await wholeTour(new OctaClient({ apiKey: 'any-key-will-do', baseUrl: mock.url }));
  print('', 'That is all. The mock only knows its examples, so the session just stopped is not in the list.');
}

async function showLive(apiKey: string): Promise<void> {
  const baseUrl = process.env.OCTA_BASE_URL?.trim() || undefined;
  print(`Reading from ${baseUrl ?? 'the live API'}. Nothing is started, stopped or changed.`);
  await readOnlyTour(new OctaClient({ apiKey, baseUrl }));
  print('', 'That is all. Nothing was started, stopped or changed.');
}

function misused(message: string): number {
  console.error(`${message}\n\n${usage}`);
  return exitMisused;
}

async function main(given: readonly string[]): Promise<number> {
  const unknown = given.filter((argument) => !['--live', '--help', '-h'].includes(argument));
  if (unknown.length > 0) return misused(`Unknown: ${unknown.join(' ')}`);
  if (given.includes('--help') || given.includes('-h')) {
    print(usage);
    return 0;
  }
  if (!given.includes('--live')) {
    await showMock();
    return 0;
  }
  const apiKey = process.env.OCTA_API_KEY?.trim() ?? '';
  if (apiKey === '') return misused('--live needs an API key: set OCTA_API_KEY.');
  await showLive(apiKey);
  return 0;
}

/** What went wrong, for a person. */
function explain(error: unknown): string {
  if (!isOctaError(error)) return error instanceof Error ? error.message : String(error);
  const attempts = error.attempts.length > 1 ? `, after ${error.attempts.length} attempts` : '';
  return `${error.name}: ${error.message} (outcome: ${error.outcome}${attempts})`;
}

// Whoever reads may have seen enough, as in `npm run demo | head`.
process.stdout.on('error', () => process.exit(exitFailed));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`\nThe demo failed. ${explain(error)}`);
  process.exitCode = exitFailed;
}
