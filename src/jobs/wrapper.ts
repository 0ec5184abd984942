/**
 * The wrapper around the command of a job: a shell script that writes the files, runs the command, and prints the results and its exit
 * code. Then it waits for the end of the session, or for an hour. It reports on lines of the container's log that have a mark:
 *
 * - `begin`: the files are written; the command comes next.
 * - `<index> <size>`: a result, whose base64 follows unless the results are too large. Without a size, the file does not exist.
 * - `exit <code>`: everything is done.
 *
 * It is not known whether the API passes `start_command` to a shell, or splits it into words. The command works in both cases: one of the
 * two shells replaces the variable `OCTA_JOB` by its text and splits that into words, which `eval` joins again.
 */
import { bytesOf, toBase64 } from '../base64.ts';

/** The command of a job, its files and its results. */
export interface JobCommand {
  /** Command to run in the container: text for its shell, or a list of arguments, which need no quotes. At most 64 kB. */
  readonly command: string | readonly string[];
  /**
   * Files to write before the command runs, by their path relative to the working directory of the container. At most 256 kB in all; for
   * larger ones, have the command download them. Default: none.
   */
  readonly files?: Readonly<Record<string, string | Uint8Array>> | undefined;
  /** Paths of files to return after the command has ended, whatever its exit code. At most 256 kB in all. Default: none. */
  readonly results?: readonly string[] | undefined;
}

/** Maximum size of all files of a job together, and of all its results together. Unit: bytes. */
export const mostFileBytes = 256 * 1024;
/** Splits text into parts that fit into one variable, for which Linux allows 128 kB. */
const chunk = /.{1,98304}/g;

/** The command that starts the wrapper. */
export const startCommand = 'sh -c "$OCTA_JOB"';

const before = `
say() { echo "$mark $*"; }
put() { mkdir -p "$(dirname -- "$1")" && printf %s "$2" | base64 -d >"$1" || exit; }
get() {
size=$([ -f "$2" ] && wc -c <"$2")
say $1 $size
[ "$size" -le $left ] && left=$((left-size)) && base64 <"$2"
} 2>/dev/null
left=${mostFileBytes}
`;
const between = `unset $(env | grep -o '^OCTA_JOB[_0-9]*')
export PYTHONUNBUFFERED="\${PYTHONUNBUFFERED-1}"
say begin
sh -c `;

/** A command from its arguments, quoted for a shell. */
function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

/** Text for a shell. */
export function commandText(command: JobCommand['command']): string {
  return typeof command === 'string' ? command : quoted(command);
}

/** The variables of the container, by name, that hold the wrapper and the files. The mark must not contain quotes. */
export function wrap({ command, files, results }: JobCommand, mark: string): Record<string, string> {
  const envs: Record<string, string> = {};
  let count = 0;
  const store = (content: string | Uint8Array): string =>
    toBase64(bytesOf(content)).replace(chunk, (part) => {
      const name = `OCTA_JOB_${count++}`;
      envs[name] = part;
      return `$${name}`;
    });
  const puts = Object.entries(files ?? {}).map(([path, content]) => `put ${quoted([path])} "${store(content)}"\n`);
  const gets = (results ?? []).map((path, index) => `get ${index} ${quoted([path])}\n`);
  const run = `${quoted([commandText(command)])} </dev/null 2>&1\ncode=$?\n`;
  const script = [`mark='${mark}'`, before, ...puts, between, run, ...gets, 'say exit $code'].join('');
  // It must not contain characters that a shell would expand when it splits the text into words.
  envs.OCTA_JOB = `eval echo ${store(script)}|base64 -d|sh;sleep 3600`;
  return envs;
}
