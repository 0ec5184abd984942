/** The log of a job: passes the lines of its command to any number of readers, and reads the reports of the wrapper between them. */
import { fromBase64 } from '../base64.ts';
import type { JobProgress } from '../errors/facts.ts';
import type { LogLine } from '../leases/log-lines.ts';
import { mostFileBytes } from './wrapper.ts';

/** A requested file that was not returned. */
export interface MissingResult {
  /** Path of the file, as the job named it. */
  readonly path: string;
  /**
   * Why: `missing`: the file does not exist. `too-large`: the results have more than 256 kB in all. `damaged`: a part of the file is
   * missing in the log.
   */
  readonly reason: 'missing' | 'too-large' | 'damaged';
}

/** How much is kept for readers that have not begun, and for the output. Unit: characters. */
const mostKept = 1 << 20;

/** A line, and a link to the next one. A slow reader keeps the lines in memory that it has not read yet. */
interface Link {
  readonly line?: LogLine;
  next?: Link;
}

export class JobLog {
  readonly #mark: string;
  readonly #paths: readonly string[];
  /** The link before the first kept line. */
  #first: Link = {};
  #last = this.#first;
  #length = 0;
  #isClosed = false;
  #waiting: (() => void)[] = [];
  readonly #results = new Map<string, Uint8Array>();
  readonly missing: MissingResult[] = [];
  /** The result that the wrapper is printing: its path, its size and its base64 so far. */
  #printing: [path: string, size: number, text: string] | undefined;
  /** How much the wrapper may still print of results. Unit: bytes. */
  #left = mostFileBytes;
  /** Whether the wrapper runs the command, or has run it. */
  begun = false;
  /** Exit code of the command; undefined until it has ended. */
  exitCode: number | undefined;

  /** `mark` is the mark of the wrapper. */
  constructor(mark: string, paths: readonly string[]) {
    this.#mark = mark;
    this.#paths = paths;
  }

  /** The output, the results and the exit code so far. */
  get progress(): JobProgress {
    let output = '';
    for (let { next } = this.#first; next; { next } = next) {
      if (next.line?.source === 'container') output += `${next.line.text}\n`;
    }
    const results = Object.fromEntries(this.#results);
    return { output: output.slice(-mostKept), exitCode: this.exitCode, results };
  }

  /** The kept lines, and all later ones. A reader that has begun misses no line. */
  async *read(): AsyncGenerator<LogLine, void, void> {
    for (let link = this.#first; ; ) {
      const { next } = link;
      if (next?.line) {
        link = next;
        yield next.line;
      } else if (this.#isClosed) return;
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Ends each reader once it has read all lines. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** Takes the next line of the log. */
  take(line: LogLine): void {
    if (line.source === 'system') this.#keep(line);
    else this.#read(line);
  }

  #read(line: LogLine): void {
    const [text = '', report] = line.text.split(this.#mark);
    // The platform may put something before each line.
    if (report === undefined && this.#printing) this.#printing[2] += text.trim().split(' ').pop();
    // If the last output of the command has no line break, the report follows it on the same line.
    else if ((report === undefined || text) && !this.#printing && this.exitCode === undefined)
      this.#keep({ ...line, text });
    if (report !== undefined) this.#hear(report.trim().split(' '));
  }

  #keep(line: LogLine): void {
    this.#last = this.#last.next = { line };
    this.#length += line.text.length + 1;
    for (let { next } = this.#first; this.#length > mostKept && next?.next; { next } = next) {
      this.#length -= (next.line?.text.length ?? 0) + 1;
      this.#first = next;
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #hear([what = '', value]: readonly string[]): void {
    this.#finish();
    this.begun = true;
    if (what === 'exit') this.exitCode = Number(value);
    const path = this.#paths[Number.parseInt(what, 10)];
    if (path === undefined) return;
    const size = Number(value);
    if (size <= this.#left) {
      this.#left -= size;
      this.#printing = [path, size, ''];
    } else this.missing.push({ path, reason: value ? 'too-large' : 'missing' });
  }

  /** Stores the result that the wrapper has just printed. */
  #finish(): void {
    if (!this.#printing) return;
    const [path, size, text] = this.#printing;
    this.#printing = undefined;
    try {
      const content = fromBase64(text.replace(/={1,2}$/, ''));
      if (content.length === size) return void this.#results.set(path, content);
    } catch {
      // Invalid base64 also means that a part is missing.
    }
    this.missing.push({ path, reason: 'damaged' });
  }
}
