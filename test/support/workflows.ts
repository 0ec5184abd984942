/** Checks workflows of GitHub Actions. */
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

type Permissions = Readonly<Record<string, string>>;

interface Job {
  readonly needs?: string | readonly string[];
  readonly if?: string;
  readonly permissions?: Permissions;
  readonly 'runs-on'?: string;
  readonly 'timeout-minutes'?: number;
  readonly steps?: readonly Step[];
}

export interface Workflow {
  readonly permissions?: Permissions;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** The permissions of each job besides reading the repository. Any other permission is an error. */
const mayWrite: Readonly<Record<string, readonly string[]>> = {
  'release.yml/version': ['contents', 'pull-requests'],
  'release.yml/publish': ['id-token'],
  'release.yml/announce': ['contents'],
  'docs.yml/deploy': ['pages', 'id-token'],
};

function writesOf(permissions: Permissions | string): string[] {
  // Instead of a map there may be a word, such as write-all.
  if (typeof permissions === 'string') return permissions === 'read-all' ? [] : [permissions];
  return Object.entries(permissions).flatMap(([name, access]) => (access === 'write' ? [name] : []));
}

/** The scripts of package.json that a command runs. */
export function scriptsIn(command: string): string[] {
  return [...command.matchAll(/\bnpm (?:run (?:--?\w+ )*([\w:-]+)|(test)\b)/g)].map(
    ([, script, test]) => script ?? test ?? '',
  );
}

function problemsOfStep(step: Step, scripts: readonly string[]): string[] {
  const { uses, run = '' } = step;
  const unknown = scriptsIn(run).filter((script) => !scripts.includes(script));
  const keeps = uses?.startsWith('actions/checkout@') && step.with?.['persist-credentials'] !== false;
  return [
    ...(uses === undefined || /^[\w-]+(?:\/[\w.-]+)+@[0-9a-f]{40}$/.test(uses)
      ? []
      : [`${uses} is not pinned to a commit`]),
    ...(keeps ? ['a checkout keeps its credentials'] : []),
    // The value of an expression may come from a stranger, and would be executed. The environment passes it as text.
    ...(run.includes('${{') ? [`an expression is pasted into a command: ${run.trim()}`] : []),
    ...unknown.map((script) => `package.json has no script ${script}`),
  ];
}

function problemsOfJob(place: string, job: Job, given: Permissions | undefined): string[] {
  const permissions = job.permissions ?? given;
  const writes = permissions === undefined ? [] : writesOf(permissions);
  return [
    ...(permissions === undefined ? ['it has no permissions of its own, and gets them all'] : []),
    ...writes.filter((name) => !mayWrite[place]?.includes(name)).map((name) => `it may write ${name}`),
    ...(/^ubuntu-\d+\.\d+$/.test(job['runs-on'] ?? '') ? [] : [`it runs on ${job['runs-on']}, which changes`]),
    ...(job['timeout-minutes'] === undefined ? ['it has no limit of time'] : []),
  ];
}

/** Actions without a comment with the version of the commit. YAML parsers drop comments. */
function unnamedIn(text: string): string[] {
  const lines = text.split('\n').filter((line) => /^\s*(?:- )?uses:/.test(line));
  return lines.filter((line) => !/ # v\d+\.\d+\.\d+$/.test(line)).map((line) => `no version beside ${line.trim()}`);
}

/** All problems, each with its place. */
export function problemsIn(file: string, text: string, scripts: readonly string[]): string[] {
  const { jobs, permissions, concurrency }: Workflow = parse(text);
  const ofJobs = Object.entries(jobs).flatMap(([name, job]) => {
    const place = `${file}/${name}`;
    const steps = (job.steps ?? []).flatMap((step) => problemsOfStep(step, scripts));
    return [...problemsOfJob(place, job, permissions), ...steps].map((problem) => `${place}: ${problem}`);
  });
  const secret = /\bsecrets\b[.[]/.test(text) ? [`${file}: it uses a secret`] : [];
  const alone = concurrency === undefined ? [`${file}: it may run twice at the same time`] : [];
  return [...ofJobs, ...[...unnamedIn(text)].map((problem) => `${file}: ${problem}`), ...secret, ...alone];
}
