/** Formats the results: lines for differences of descriptions, Markdown for the live API. */
import { readableLine } from '../../src/readable.ts';
import type { Difference } from './compare.ts';
import type { LiveDrift, Section } from './live.ts';
import type { Observation } from './observe.ts';
import { withoutSecrets } from './sanitise.ts';

/** A difference, and the entries of DRIFT.md that explain it. */
export interface Judged extends Difference {
  readonly entries: readonly number[];
}

/** A number of things: `1 item`, `2 items`. */
function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

/** One line per difference, a blank line between operations, and a summary. */
export function differencesText(judged: readonly Judged[], all: boolean): string {
  const shown = judged.filter(({ entries }) => all || entries.length === 0);
  const lines = shown.flatMap(({ operation, key, entries }, index) => {
    const mark = entries.length === 0 ? '' : `   [DRIFT.md ${entries.join(', ')}]`;
    const gap = index > 0 && shown[index - 1]?.operation !== operation ? [''] : [];
    return [...gap, `${readableLine(key)}${mark}`];
  });
  const unexplained = judged.filter(({ entries }) => entries.length === 0).length;
  const explained = judged.length - unexplained;
  const hint = explained > 0 && !all ? ', which --all shows' : '';
  const summary = `${counted(unexplained, 'unexplained difference')}; ${explained} explained by openapi/DRIFT.md${hint}.`;
  return [...lines, ...(lines.length > 0 ? [''] : []), summary].join('\n');
}

/** The same as JSON. */
export function differencesJson(judged: readonly Judged[], all: boolean): string {
  const explained = judged.filter(({ entries }) => entries.length > 0);
  const unexplained = judged
    .filter(({ entries }) => entries.length === 0)
    .map(({ operation, key }) => ({ operation, key }));
  return JSON.stringify({ unexplained, ...(all ? { explained } : { explained: explained.length }) }, null, 2);
}

function countsText(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, times]) => (times === 1 ? name : `${name} ×${times}`)).join(', ');
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return ['', line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function driftTable(drift: readonly LiveDrift[]): string[] {
  const rows = drift.map(({ kind, place, expected, shapes }) => [kind, `\`${place}\``, expected, countsText(shapes)]);
  return tableOf(['drift', 'field', 'promised', 'came'], rows);
}

function untypedTable(untyped: readonly Observation[]): string[] {
  const rows = untyped.map(({ place, shapes }) => [`\`${place}\``, countsText(shapes)]);
  return tableOf(['field without a type', 'received'], rows);
}

function sectionText(section: Section): string {
  const { title, route, skipped, calls, statuses, items, drift, untyped, errors, unreadable } = section;
  if (skipped !== undefined) return `## ${title}\n\n\`${route}\`: skipped, ${skipped}.`;
  const differs = drift.length > 0 || unreadable;
  const found = [
    counted(calls, 'call'),
    statuses.size > 0 ? `status ${countsText(statuses)}` : 'no answer',
    counted(items, 'item'),
    differs ? '**drift**' : items > 0 || errors.size === 0 ? 'no drift' : 'nothing read',
  ];
  const failed = errors.size === 0 ? [] : ['', `Errors: ${countsText(errors)}.`];
  const lines = [`## ${title}`, '', `\`${route}\`: ${found.join(', ')}.`, ...failed];
  return [...lines, ...driftTable(drift), ...untypedTable(untyped)].join('\n');
}

/** Facts about the run. */
export interface RunInfo {
  readonly address: string;
  readonly at: Date;
  readonly apiKey: string | undefined;
  readonly source: string;
}

/** An address without private parts. */
function publicAddress(address: string): string {
  const { hostname } = new URL(address);
  return /^[\d.]+$|^\[|^localhost$/.test(hostname) ? 'a private address' : hostname;
}

/** A line about the whole run. */
export function liveSummary(sections: readonly Section[]): string {
  const called = sections.filter(({ calls }) => calls > 0);
  const differing = called.filter(({ drift, unreadable }) => drift.length > 0 || unreadable).length;
  const failed = called.filter(({ errors }) => errors.size > 0).length;
  const skipped = sections.length - called.length;
  return `${called.length} checked, ${differing} with drift, ${failed} with errors, ${skipped} skipped`;
}

/** The whole report, in Markdown. */
export function liveReport(sections: readonly Section[], { address, at, apiKey, source }: RunInfo): string {
  const head = [
    '# Drift of the live API',
    '',
    `- Address: ${publicAddress(address)}`,
    `- Time: ${at.toISOString()}`,
    `- API key: ${apiKey === undefined ? 'none, so only public endpoints were called' : 'given'}`,
    `- Result: ${liveSummary(sections)}`,
    '',
    'The report shows only the shapes of values. `×` is how often a shape occurred.',
  ].join('\n');
  const text = withoutSecrets([head, ...sections.map(sectionText)].join('\n\n'), apiKey);
  return `${text}\n\nCompared with the spec of ${source}.\n`;
}
