/** `npm run drift`: shows the differences between our spec and the vendor's description, or the live API. */
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Misuse, readArguments, textOf, type Values } from '../src/cli/arguments.ts';
import { isOctaError } from '../src/index.ts';
import { readableText } from '../src/readable.ts';
import { compareDescriptions } from './drift/compare.ts';
import { describeApi } from './drift/describe.ts';
import { entriesFor, explanationsIn } from './drift/explained.ts';
import { checkLive, hasDrift, hasFailed } from './drift/live.ts';
import { loadDescription, Unreadable } from './drift/load.ts';
import { differencesJson, differencesText, liveReport, liveSummary } from './drift/report.ts';

const usage = `Shows the differences between the API and our spec.

  npm run drift -- <file or URL> [--all] [--json]
      Compares a description of the vendor (Swagger 2.0 or OpenAPI 3.x, JSON or YAML) with ours. Differences that
      openapi/DRIFT.md explains, in lines "- **Explains:** \`pattern\`, ...", are left out. A pattern is a line of this
      output, in which * stands for any text.
      --all    also prints explained differences, with the number of the entry
      --json   prints JSON

  npm run drift -- --live [--base-url URL] [--out FILE] [--keys]
      Reads the live API with OCTA_API_KEY, and writes a report in Markdown. It starts, stops and changes nothing. The
      report has the shapes of values, never values. Without the key, it calls only public endpoints.
      --base-url   URL of the API; default: OCTA_BASE_URL, else https://api.octa.computer
      --out        file for the report; default: standard output
      --keys       also prints field names inside unknown fields; they may be personal, such as names of people

  npm run drift -- --help

Exit code: 0 no drift, 1 drift, 2 misuse, or a description or the API could not be read.`;

const root = new URL('../', import.meta.url);
const exitDrift = 1;
const exitUnreadable = 2;

const options = {
  live: { type: 'boolean' },
  'base-url': { type: 'string' },
  out: { type: 'string' },
  keys: { type: 'boolean' },
  all: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Prints text without control characters. */
function print(text: string): void {
  console.log(readableText(text));
}

/** Throws for an option that is not valid in this mode. */
function refuseUnused(values: Values, names: readonly string[], mode: string): void {
  const unused = names.filter((name) => values[name] !== undefined).map((name) => `--${name}`);
  if (unused.length > 0) throw new Misuse(`${unused.join(', ')}: only valid ${mode}`);
}

async function compare(source: string, all: boolean, json: boolean): Promise<number> {
  const ours = describeApi(await loadDescription(fileURLToPath(new URL('generated/openapi.json', root))));
  const theirs = describeApi(await loadDescription(source));
  const explanations = explanationsIn(readFileSync(new URL('openapi/DRIFT.md', root), 'utf8'));
  const judged = compareDescriptions(theirs, ours).map((each) => ({
    ...each,
    entries: entriesFor(each.key, explanations),
  }));
  print(json ? differencesJson(judged, all) : differencesText(judged, all));
  return judged.some(({ entries }) => entries.length === 0) ? exitDrift : 0;
}

/** Throws early if a file cannot be written. Does not change its contents. */
function checkWritable(file: string): void {
  closeSync(openSync(file, 'a'));
}

/** Writes the report to a file. Prints it if that fails, because it took many calls. */
function save(report: string, file: string): void {
  try {
    writeFileSync(file, report);
  } catch (error) {
    print(report);
    throw error;
  }
}

async function live(values: Values): Promise<number> {
  const out = textOf(values, 'out');
  if (out !== undefined) checkWritable(out);
  const apiKey = process.env.OCTA_API_KEY?.trim() || undefined;
  const address = textOf(values, 'base-url') ?? (process.env.OCTA_BASE_URL?.trim() || 'https://api.octa.computer');
  const sections = await checkLive({ apiKey, baseUrl: address, keys: values.keys === true });
  const { 'x-octa-source': source }: { 'x-octa-source': string } = JSON.parse(
    readFileSync(new URL('generated/openapi.json', root), 'utf8'),
  );
  const report = readableText(liveReport(sections, { address, at: new Date(), apiKey, source }));
  if (out === undefined) print(report);
  else {
    save(report, out);
    print(`${liveSummary(sections)}; the report is in ${out}`);
  }
  if (hasDrift(sections)) return exitDrift;
  return hasFailed(sections) ? exitUnreadable : 0;
}

async function main(given: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(given, { command: 'drift', options, positionals: true });
  if (values.help === true) {
    console.log(usage);
    return 0;
  }
  if (values.live === true) {
    refuseUnused(values, ['all', 'json'], 'with a description');
    if (positionals.length > 0) throw new Misuse('--live does not accept a description');
    return live(values);
  }
  refuseUnused(values, ['base-url', 'out', 'keys'], 'with --live');
  const [source, ...more] = positionals;
  if (source === undefined || more.length > 0) throw new Misuse('pass one file or URL, or use --live');
  return compare(source, values.all === true, values.json === true);
}

/** The message of an error; for an unexpected error, its stack. */
function explain(error: unknown): unknown {
  if (error instanceof Misuse) return `${readableText(error.message)}\n\n${usage}`;
  const isPlain = error instanceof Unreadable || isOctaError(error) || (error instanceof Error && 'code' in error);
  return isPlain ? readableText(error.message) : error;
}

// The reader may close the pipe, as in `npm run drift | head`.
process.stdout.on('error', () => process.exit(exitUnreadable));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(explain(error));
  process.exitCode = exitUnreadable;
}
