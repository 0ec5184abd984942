/** Reads the command of a job from the variables of its container, where the SDK has stored it. */
import { fromBase64 } from '../base64.ts';
import { utf8Text } from '../utf8.ts';

/** The command of a job, its files and its results. */
export interface ScriptedJob {
  /** Text for a shell. */
  readonly command: string;
  /** The text before each report of the wrapper. */
  readonly mark: string;
  /** Contents by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Paths of the files to report. */
  readonly results: readonly string[];
  /** Maximum size of all results together. Unit: bytes. */
  readonly left: number;
}

type Variables = Readonly<Record<string, unknown>>;

/** A quoted word; the group is its content. */
const word = "'((?:[^']|'\\\\'')*)'";

function unquoted(text = ''): string {
  return text.replaceAll("'\\''", "'");
}

/** The bytes that are in the named variables as base64. */
function stored(names: string, envs: Variables): Uint8Array {
  const text = names.replaceAll(/\$(\w+)/g, (_, name: string) => String(envs[name] ?? ''));
  return fromBase64(text.replace(/={1,2}$/, ''));
}

/** The job that the variables of a container hold; undefined if there is none. */
export function unwrap(envs: Variables): ScriptedJob | undefined {
  const [, names] = /^eval echo ([$\w]+)\|/.exec(String(envs.OCTA_JOB)) ?? [];
  if (names === undefined) return undefined;
  const script = utf8Text(stored(names, envs));
  const partOf = (pattern: string) => unquoted(new RegExp(pattern, 'm').exec(script)?.[1]);
  // The command may contain lines that look like other lines of the script.
  const [before = '', command, after = ''] = script.split(new RegExp(`^sh -c ${word}`, 'm'));
  const puts = [...before.matchAll(new RegExp(`^put ${word} "(.*)"$`, 'gm'))];
  const gets = [...after.matchAll(new RegExp(`^get \\d+ ${word}$`, 'gm'))];
  return {
    command: unquoted(command),
    mark: partOf(`^mark=${word}`),
    files: new Map(puts.map(([, path, content = '']) => [unquoted(path), stored(content, envs)])),
    results: gets.map(([, path]) => unquoted(path)),
    left: Number(partOf('^left=(\\d+)')),
  };
}
