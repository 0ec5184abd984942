/** Follows a log of many megabytes that changes once, and prints its peak memory use. */
import { LogReader } from '../../src/leases/log-lines.ts';

/** What happens to the log. */
export type Change = 'loses its beginning' | 'gets a line inserted' | 'restarts';

export interface Run {
  readonly megabytes: number;
  readonly change: Change;
}

export interface Said {
  /** Size of the log after the change. Unit: bytes. */
  readonly textBytes: number;
  /** Peak memory use of the process. Unit: bytes. */
  readonly peakBytes: number;
  /** How long reading the changed log took. Unit: ms. */
  readonly readMs: number;
  /** New lines after the change; if there are many, only their number. */
  readonly lines: readonly string[] | number;
}

const lineLength = 64;

/** Lines of 64 characters, counted from `first`. */
function numbered(first: number, count: number): Buffer {
  const bytes = Buffer.alloc(count * lineLength, '.');
  for (let at = 0; at < count; at++) {
    bytes.write(`line ${first + at} `, at * lineLength);
    bytes.write('\n', (at + 1) * lineLength - 1);
  }
  return bytes;
}

function changed(count: number, change: Change): Buffer {
  if (change === 'restarts') return numbered(count, count);
  // Half of a line is lost, too.
  if (change === 'loses its beginning') return numbered(100, count - 98).subarray(lineLength / 2);
  const bytes = numbered(0, count);
  const place = (count - 10) * lineLength;
  return Buffer.concat([
    bytes.subarray(0, place),
    Buffer.from('inserted\n'),
    bytes.subarray(place),
    Buffer.from('new\n'),
  ]);
}

function read(reader: LogReader, bytes: Buffer, kept: string[]): number {
  let count = 0;
  // Latin-1, like a string from JSON that has only ASCII: one byte per character.
  for (const { text } of reader.read({ system: [], container: bytes.toString('latin1') })) {
    if (count++ < 3) kept.push(text.replace(/ ?\.+/, ''));
  }
  return count;
}

const { megabytes, change }: Run = JSON.parse(process.argv[2] ?? '');
const count = Math.floor((megabytes * 1_000_000) / lineLength);
const reader = new LogReader();
read(reader, numbered(0, count), []);
const text = changed(count, change);
const lines: string[] = [];
const before = performance.now();
const found = read(reader, text, lines);
const said: Said = {
  textBytes: text.length,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  readMs: Math.round(performance.now() - before),
  lines: found > 3 ? found : lines,
};
console.log(`${JSON.stringify(said)}\nnull`);
