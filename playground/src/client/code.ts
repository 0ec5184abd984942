/** Finds the code of an action: runs it with a client that only records its calls. */
import type { OctaClient } from '@octaspace/sdk';

/** Names that the code uses for values, such as an app that was looked up before. */
export type Names = ReadonlyMap<unknown, string>;

const widest = 64;

/** Entries worth showing: not the signals of the page, and not two retries, which are the default. */
function entriesOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(
    ([name, field]) => field !== undefined && !(field instanceof AbortSignal) && !(name === 'retries' && field === 2),
  );
}

function fieldName(name: string): string {
  return /^[a-z_$][\w$]*$/i.test(name) ? name : `'${name}'`;
}

/** Parts between brackets, on one line if they fit. */
function bracketed([open, close]: readonly [string, string], parts: readonly string[]): string {
  const line = parts.join(', ');
  const space = open === '{' ? ' ' : '';
  if (line.length <= widest && !line.includes('\n')) return `${open}${space}${line}${space}${close}`;
  const lines = parts.map((part) => `  ${part.replaceAll('\n', '\n  ')},`);
  return [open, ...lines, close].join('\n');
}

function literal(value: unknown, names: Names): string {
  const name = names.get(value);
  if (name !== undefined) return name;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`;
  if (Array.isArray(value))
    return bracketed(
      ['[', ']'],
      value.map((item) => literal(item, names)),
    );
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = entriesOf(value).map(([field, inner]) => {
    const text = literal(inner, names);
    return text === field ? field : `${fieldName(field)}: ${text}`;
  });
  return fields.length === 0 ? '{}' : bracketed(['{', '}'], fields);
}

function argumentsOf(given: readonly unknown[], names: Names): string {
  const said = given.map((value) => literal(value, names));
  while (['{}', 'undefined'].includes(said.at(-1) ?? '')) said.pop();
  return said.join(', ');
}

/** Never yields anything, so an action that iterates over it ends there. */
const never = { next: () => new Promise<never>(() => undefined) };

/** Records calls. It replaces the client, its members and their results. */
function recorder(path: string, names: Names, tell: (call: string) => void): unknown {
  return new Proxy(() => undefined, {
    get: (_, key) => {
      if (typeof key === 'symbol' || key === 'then') return () => never;
      return recorder(`${path}.${key}`, names, tell);
    },
    apply: (_, __, given: unknown[]) => {
      const call = `${path}(${argumentsOf(given, names)})`;
      tell(call);
      return recorder(call, names, tell);
    },
  });
}

/** Code that uses the result of a call, by the name of the method. */
const uses: Readonly<Record<string, (call: string) => string>> = {
  start: (call) => `const session = await ${call};`,
  rent: (call) => `await using session = await ${call};`,
  startMany: (call) => `const results = await ${call};`,
  rentMany: (call) => `const sessions = await ${call};`,
  run: (call) => `const { exitCode, output } = await ${call}.result;`,
  guard: (call) => `const guard = ${call};\nconst { reason } = await guard.done;`,
  watch: (call) => `for await (const info of ${call}) console.log(info.progress);`,
  followLogs: (call) => `for await (const line of ${call}) console.log(line);`,
  stop: (call) => `await ${call};`,
  reboot: (call) => `await ${call};`,
  updatePrices: (call) => `await ${call};`,
};

/** The code of an action. Empty if the action calls nothing. */
export function codeOf(action: (client: OctaClient) => unknown, names: Names = new Map()): string {
  let last = '';
  const client = recorder('client', names, (call) => {
    last = call;
  });
  try {
    // The recorder accepts every call that a client accepts.
    void Promise.resolve(action(client as OctaClient)).catch(() => undefined);
  } catch {
    // Show the calls before the error.
  }
  if (last === '') return '';
  const [, method = ''] = /\.(\w+)\((?:[^()]|\([^()]*\))*\)$/s.exec(last) ?? [];
  return (uses[method] ?? ((call) => `const data = await ${call};`))(last);
}
