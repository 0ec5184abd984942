/** The GitHub configuration: workflows, issue forms and Dependabot. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type IssueForm, problemsOfForm } from '../support/issue-forms.ts';
import { problemsIn, scriptsIn, type Workflow } from '../support/workflows.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

const manifest = JSON.parse(textOf('package.json'));
const scripts = Object.keys(manifest.scripts);
const files = readdirSync(join(root, '.github/workflows'));
const workflows = new Map(files.map((file) => [file, textOf(`.github/workflows/${file}`)]));

function jobOf(file: string, job: string): Workflow['jobs'][string] {
  const { jobs }: Workflow = parse(workflows.get(file) ?? '');
  return jobs[job] ?? {};
}

/** The commands of a job, one after the other. */
function commandsOf(file: string, job: string): string {
  return (jobOf(file, job).steps ?? []).map(({ run = '' }) => run).join('\n');
}

type Result = 'success' | 'failure' | 'skipped' | 'cancelled';

/** Whether the release is announced after other jobs. What its condition is made of means the same in JavaScript. */
function isAnnounced(build: Result, publish: Result): boolean {
  const { needs, if: condition } = jobOf('release.yml', 'announce');
  expect(needs).toEqual(['build', 'publish']);
  // Without a function that says otherwise, a job runs only after jobs that have all succeeded.
  expect(condition).toContain('!cancelled()');
  const evaluate = new Function('needs', 'cancelled', `return ${condition}`);
  const isCancelled = [build, publish].includes('cancelled');
  return evaluate({ build: { result: build }, publish: { result: publish } }, () => isCancelled);
}

describe('workflows', () => {
  test.each(files)('%s pins its actions, has few permissions and a time limit, and runs existing scripts', (file) => {
    expect(problemsIn(file, workflows.get(file) ?? '', scripts)).toEqual([]);
  });

  test('An action is at one version everywhere.', () => {
    const used = [...workflows.values()].flatMap((text) => [...text.matchAll(/uses: ([^@\s]+)@(.+)$/gm)]);
    const versions = new Map(used.map(([, action, at]) => [action, at]));
    expect(used.length).toBeGreaterThan(10);
    expect(used.filter(([, action, at]) => versions.get(action) !== at).map(([use]) => use)).toEqual([]);
  });

  test('CI runs on every even line of Node from the oldest that the package supports.', () => {
    const { jobs } = parse(workflows.get('ci.yml') ?? '');
    const { node } = jobs.check.strategy.matrix;
    const [oldest] = /\d+/.exec(manifest.engines.node) ?? [];
    expect(node).toEqual(Array.from({ length: node.length }, (_, index) => Number(oldest) + 2 * index));
    expect(node.length).toBeGreaterThanOrEqual(4);
    const install = 'sudo apt-get update && sudo apt-get install -y --no-install-recommends redis-server postgresql';
    expect(commandsOf('ci.yml', 'check')).toBe(`\n\n${install}\n.ci/run`);
    expect(statSync(join(root, '.ci/run')).mode & 0o111).toBe(0o111);
  });

  test('CONTRIBUTING.md begins with what CI runs.', () => {
    const { jobs }: Workflow = parse(workflows.get('ci.yml') ?? '');
    const run = Object.keys(jobs).flatMap((job) => scriptsIn(commandsOf('ci.yml', job)));
    const [introduction = ''] = textOf('CONTRIBUTING.md').split('\n## ');
    expect(run).toHaveLength(4);
    expect(scriptsIn(introduction).sort()).toEqual(['check', 'demo', ...run].sort());
  });

  test('The release is published by the script of the rehearsal, which is the only one of ours in the job.', () => {
    expect(scriptsIn(commandsOf('release.yml', 'publish'))).toEqual(['release']);
    expect(textOf('scripts/rehearse/publishing.ts')).toContain("['run', 'release']");
  });

  test.each([
    ['was published', 'success', 'success', true],
    ['npm had already', 'success', 'skipped', true],
    ['waits for its pull request', 'skipped', 'skipped', false],
    ['does not pass', 'failure', 'skipped', false],
    ['could not be published', 'success', 'failure', false],
    ['nobody wants any more', 'success', 'cancelled', false],
  ] as const)(
    'Whether a version that %s is announced on GitHub (after %s and %s): %s.',
    (_, build, publish, wanted) => {
      expect(isAnnounced(build, publish)).toBe(wanted);
    },
  );

  test('Jobs that may write or publish do not run scripts of packages.', () => {
    for (const job of ['version', 'publish', 'announce']) {
      const installs = commandsOf('release.yml', job).match(/^npm (?:ci|install).*$/gm);
      expect([job, installs]).toEqual([job, ['npm ci --ignore-scripts']]);
    }
  });
});

const pinned = 'actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8';

/** A workflow of one job, sound but for what is changed. */
function workflowWith(changes: readonly (readonly [from: string, to: string])[]): string {
  const sound = [
    'permissions: {}',
    'concurrency: one',
    'jobs:',
    '  only:',
    '    runs-on: ubuntu-24.04',
    '    timeout-minutes: 5',
    '    permissions:',
    '      contents: read',
    '    steps:',
    `      - uses: ${pinned} # v5.0.0`,
    '        with:',
    '          persist-credentials: false',
    '      - run: npm run build',
    '',
  ].join('\n');
  return changes.reduce((text, [from, to]) => text.replace(from, to), sound);
}

function expression(text: string): string {
  return `\${{ ${text} }}`;
}

describe('the check of workflows', () => {
  const problems = (...changes: (readonly [string, string])[]) =>
    problemsIn('any.yml', workflowWith(changes), ['build']);

  test('finds nothing in a correct one.', () => {
    expect(problems()).toEqual([]);
  });

  test.for([
    ['any.yml/only: actions/checkout@v5 is not pinned to a commit', pinned, 'actions/checkout@v5'],
    [`any.yml: no version beside - uses: ${pinned} # latest`, '# v5.0.0', '# latest'],
    ['any.yml/only: a checkout keeps its credentials', 'persist-credentials: false', 'fetch-depth: 0'],
    ['any.yml/only: it may write contents', 'contents: read', 'contents: write'],
    ['any.yml/only: it may write id-token', 'contents: read', 'id-token: write'],
    ['any.yml/only: it may write write-all', 'permissions:\n      contents: read', 'permissions: write-all'],
    ['any.yml/only: it runs on ubuntu-latest, which changes', 'ubuntu-24.04', 'ubuntu-latest'],
    ['any.yml/only: it has no limit of time', '    timeout-minutes: 5\n', ''],
    ['any.yml: it may run twice at the same time', 'concurrency: one\n', ''],
    ['any.yml/only: package.json has no script biuld', 'npm run build', 'npm run biuld'],
    ['any.yml/only: package.json has no script test', 'npm run build', 'npm test'],
    ['any.yml/only: package.json has no script other', 'npm run build', 'npm run --silent other -- --flag'],
    ['any.yml: it uses a secret', 'npm run build', `npm run build # ${expression('secrets.NPM')}`],
  ] as const)('says: %s', ([problem, from, to]) => {
    expect(problems([from, to])).toContain(problem);
  });

  test('reports a job without restricted permissions.', () => {
    const taken = ['    permissions:\n      contents: read\n', ''] as const;
    expect(problems(taken)).toEqual([]);
    expect(problems(taken, ['permissions: {}\n', ''])).toEqual([
      'any.yml/only: it has no permissions of its own, and gets them all',
    ]);
  });

  test('reports an expression within a command.', () => {
    const command = `npm run build ${expression('github.event.pull_request.title')}`;
    expect(problems(['npm run build', command])).toEqual([
      `any.yml/only: an expression is pasted into a command: ${command}`,
    ]);
  });
});

const forms = readdirSync(join(root, '.github/ISSUE_TEMPLATE')).filter((file) => file !== 'config.yml');

describe('issue forms', () => {
  test('There is one for bugs and one for feature requests.', () => {
    expect(forms.sort()).toEqual(['bug.yml', 'feature.yml']);
  });

  test.each(forms)('%s is a form that GitHub accepts', (file) => {
    expect(problemsOfForm(parse(textOf(`.github/ISSUE_TEMPLATE/${file}`)))).toEqual([]);
  });

  test('Blank issues are disabled, and links lead elsewhere.', () => {
    const { blank_issues_enabled: blank, contact_links: links } = parse(textOf('.github/ISSUE_TEMPLATE/config.yml'));
    expect(blank).toBe(false);
    expect(links.map((link: object) => Object.keys(link).sort())).toEqual(
      Array(links.length).fill(['about', 'name', 'url']),
    );
    expect(links.length).toBeGreaterThan(0);
  });

  const label = 'A question';
  const input = { type: 'input', id: 'a', attributes: { label } };
  const sound = { name: 'Form', description: 'What for.', body: [input] };
  const wrong: readonly (readonly [problem: string, form: IssueForm])[] = [
    ['it needs a name and a description', { ...sound, name: undefined }],
    ['a form has no about', { ...sound, ...{ about: 'of the old kind' } }],
    ['it asks for nothing', { ...sound, body: [{ type: 'markdown', attributes: { value: 'Hello.' } }] }],
    ['there is no type select', { ...sound, body: [{ ...input, type: 'select' }] }],
    ['input has no proper label', { ...sound, body: [{ ...input, attributes: {} }] }],
    ['input has no render', { ...sound, body: [{ ...input, attributes: { label, render: 'ts' } }] }],
    ['validations have no such require', { ...sound, body: [{ ...input, validations: { require: true } }] }],
    ['validations have no such required', { ...sound, body: [{ ...input, validations: { required: 'yes' } }] }],
    ['a b is no id', { ...sound, body: [{ ...input, id: 'a b' }] }],
    ['a is there twice', { ...sound, body: [input, { ...input, attributes: { label: 'Another' } }] }],
    ['A question is there twice', { ...sound, body: [input, { ...input, id: 'b' }] }],
    ['dropdown has no proper options', { ...sound, body: [{ type: 'dropdown', attributes: { label, options: [] } }] }],
    [
      'dropdown has no proper options',
      { ...sound, body: [{ type: 'dropdown', attributes: { label, options: [true] } }] },
    ],
    [
      'checkboxes has no proper options',
      { ...sound, body: [{ type: 'checkboxes', attributes: { label, options: ['a'] } }] },
    ],
  ];
  test.each(wrong)('The check says: %s', (problem, form) => {
    expect(problemsOfForm(form)).toEqual([problem]);
  });
});

test('Dependabot updates packages and actions, and both exist in its directories.', () => {
  const { version, updates } = parse(textOf('.github/dependabot.yml'));
  expect(version).toBe(2);
  const places = updates.map((update: Record<string, unknown>) => [update['package-ecosystem'], update.directory]);
  expect(places).toEqual([
    ['npm', '/'],
    ['github-actions', '/'],
  ]);
  for (const { schedule, groups } of updates) {
    expect(schedule).toEqual({ interval: 'weekly' });
    expect(Object.keys(groups)).toHaveLength(1);
  }
});

test('SECURITY.md, CODEOWNERS and the pull request template exist.', () => {
  const wanted = ['SECURITY.md', '.github/CODEOWNERS', '.github/pull_request_template.md'];
  expect(wanted.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  expect(textOf('.github/CODEOWNERS')).toMatch(/^\* @[\w-]+\/[\w-]+$/m);
  const mentioned = scriptsIn(textOf('.github/pull_request_template.md'));
  expect(mentioned.filter((script) => !scripts.includes(script))).toEqual([]);
  expect(mentioned).toContain('check');
});
