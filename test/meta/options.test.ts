/** Every documented option exists and has a test, and every option is documented. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { jobUsage } from '../../src/cli/job.ts';
import { mcpUsage } from '../../src/cli/mcp/settings.ts';
import { mockUsage } from '../../src/cli/mock.ts';
import { reapUsage } from '../../src/cli/reap.ts';
import { sessionsUsage } from '../../src/cli/sessions.ts';
import { smokeUsage } from '../../src/cli/smoke.ts';
import { stopUsage } from '../../src/cli/stop.ts';
import { nodeOptionsFromEnv, optionsFromEnv } from '../../src/env.ts';
import { resolveNodeOptions } from '../../src/node/options.ts';
import { texts } from '../support/pages.ts';
import { behaviours } from '../unit/options/all.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The rows of the tables of a page whose head begins so, as their cells. */
function rowsOf(page: string, head: string): string[][] {
  const tables = (texts.get(page) ?? '').split(/\n(?!\|)/).filter((part) => part.includes(`| ${head} |`));
  const lines = tables.flatMap((table) =>
    table
      .slice(table.indexOf(`| ${head} |`))
      .split('\n')
      .slice(2),
  );
  return lines.filter((line) => line.startsWith('|')).map((line) => line.split('|').slice(1, -1));
}

/** The words in backticks of a cell, without what follows a name. */
function namesIn(cell: string | undefined): string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(({ 1: code = '' }) => code.split(' ')[0] ?? '');
}

function documented(page: string, head: string): string[] {
  return rowsOf(page, head).flatMap(([first]) => namesIn(first));
}

/** Criteria of `find` that are of machines, or of relays. */
function criteriaOf(kind: string): string[] {
  const rows = rowsOf('docs/renting.md', 'criterion').filter(([, of = '']) => [kind, 'all'].includes(of.trim()));
  return rows.flatMap(([first]) => namesIn(first));
}

const documentedOptions: Readonly<Record<keyof typeof behaviours, readonly string[]>> = {
  'the client': documented('docs/configuration.md', 'option | default'),
  'a call': documented('docs/configuration.md', 'option | meaning'),
  rent: documented('docs/renting.md', 'option of `rent`'),
  rentMany: documented('docs/renting.md', 'option of `rentMany`'),
  waitUntilReady: documented('docs/renting.md', 'option of `waitUntilReady`'),
  watch: documented('docs/renting.md', 'option of `watch` and `followLogs`'),
  guard: documented('docs/renting.md', 'limit of `guard`'),
  stopAll: documented('docs/renting.md', 'option of `stopAll`'),
  stop: documented('docs/renting.md', 'option of `stop`'),
  close: documented('docs/renting.md', 'option of `close`'),
  reconcile: documented('docs/leases.md', 'option of `reconcile`'),
  'find of machines': criteriaOf('machines'),
  'find of relays': criteriaOf('relays'),
  octaQueries: documented('docs/tanstack-query.md', 'option of `octaQueries`'),
  'watch of a query': documented('docs/tanstack-query.md', 'option of `watch`'),
  instrument: documented('docs/opentelemetry.md', 'option of `instrument`'),
  'the simulator': documented('docs/testing.md', 'option | default'),
  'the lag of the simulator': documented('docs/testing.md', 'field of `lag`'),
  'the lies of the simulator': documented('docs/testing.md', 'field of `lies`'),
  listen: documented('docs/testing.md', 'option of `listen`'),
  'octaspace smoke': documented('docs/command-line.md', 'option of `octaspace smoke`'),
  'octaspace mock': documented('docs/command-line.md', 'option of `octaspace mock`'),
  'octaspace run': documented('docs/command-line.md', 'option of `octaspace run`'),
  'octaspace sessions': documented('docs/command-line.md', 'option of `octaspace sessions`'),
  'octaspace stop': documented('docs/command-line.md', 'option of `octaspace stop`'),
  'octaspace reap': documented('docs/command-line.md', 'option of `octaspace reap`'),
  'octaspace mcp': documented('docs/command-line.md', 'option of `octaspace mcp`'),
};

// The tables of behaviours do not compile unless they have every member of the type.
test.each(Object.entries(behaviours))('The documented options of %s are exactly the existing ones.', (what, all) => {
  const written = Object.entries(documentedOptions).find(([name]) => name === what)?.[1] ?? [];
  expect([...written].sort()).toEqual(all.map(({ name }) => name).sort());
});

test.each([
  ['smoke', smokeUsage],
  ['mock', mockUsage],
  ['run', jobUsage],
  ['sessions', sessionsUsage],
  ['stop', stopUsage],
  ['reap', reapUsage],
  ['mcp', mcpUsage],
] as const)('The options of octaspace %s are those of its help.', (command, usage) => {
  const helped = [...usage.matchAll(/^ {2}(--[\w-]+)/gm)].map(({ 1: name = '' }) => name);
  const known = behaviours[`octaspace ${command}`].map(({ name }) => name);
  expect(helped.filter((name) => name !== '--help').sort()).toEqual([...known].sort());
});

/** The test that fails when an option of `nodeFetch` is ignored: its file, and its title there. */
const nodeTests: Readonly<Record<keyof ReturnType<typeof resolveNodeOptions>, readonly [file: string, title: string]>> =
  {
    keepAlive: [
      'node-connections',
      'unless keepAlive is false: then each request has its own, and tells the server so.',
    ],
    poolSize: ['node-connections', 'with a limited number of others.'],
    maxConnections: ['node-connections', 'requests wait in order for one.'],
    poolTimeoutMs: ['node-connections', 'the wait has a limit, and nothing was sent then.'],
    idleTimeoutMs: ['node-connections', 'until it has idled for too long: connection: %j.'],
    connectTimeoutMs: ['node-limits', 'ends the request, and nothing was sent.'],
    readTimeoutMs: ['node-limits', 'before the headers ends the request.'],
    writeTimeoutMs: ['node-limits', 'that the server does not accept ends the request.'],
    tlsVerify: ['node-tls', 'is accepted if tlsVerify is false.'],
    closeTimeoutMs: ['node-close', 'a body that is not read is cancelled after a while.'],
    proxy: ['node-proxy', 'a plain request is forwarded.'],
  };

describe('nodeFetch', () => {
  const rows = rowsOf('docs/node-transport.md', 'option | default');

  test('The documented options are exactly the existing ones.', () => {
    expect(rows.flatMap(([first]) => namesIn(first)).sort()).toEqual(Object.keys(resolveNodeOptions()).sort());
  });

  test('Every numeric default is documented correctly.', () => {
    const numbers = Object.entries(resolveNodeOptions()).filter(([, value]) => typeof value === 'number');
    const written = rows.map(([first, value = '']) => [namesIn(first)[0], Number(value.replaceAll(' ', ''))]);
    expect(written.filter(([, value]) => !Number.isNaN(value))).toEqual(numbers);
  });

  test.each(Object.entries(nodeTests))('There is a test of %s.', (option, [file, title]) => {
    const text = readFileSync(join(root, `test/wire/${file}.test.ts`), 'utf8');
    const from = text.indexOf(`'${title}'`);
    expect(from).toBeGreaterThan(-1);
    const body = text.slice(from, text.indexOf('\n  test', from + 1));
    expect(body).toContain(option);
  });
});

/** Each documented variable, and its option. */
function variablesIn(head: string): [variable: string, option: string][] {
  return rowsOf('docs/configuration.md', head).map(([variable, option]) => {
    return [namesIn(variable)[0] ?? '', namesIn(option)[0] ?? ''];
  });
}

describe.each([
  ['the client', variablesIn('variable | option'), optionsFromEnv],
  ['nodeFetch', variablesIn('variable | option of `nodeFetch`'), nodeOptionsFromEnv],
] as const)('Variables for %s', (_, documentedVariables, read) => {
  test('that are documented are exactly those that are read.', () => {
    const asked = new Set<string>();
    const environment = new Proxy<Record<string, string>>(
      {},
      {
        get: (_target, name) => {
          asked.add(String(name));
          return undefined;
        },
      },
    );
    read(environment);
    expect(documentedVariables.map(([variable]) => variable).sort()).toEqual([...asked].sort());
  });

  test.each(documentedVariables)('%s sets %s, and nothing else.', (variable, option) => {
    // One of these is a value of whichever kind the option has.
    const set = ['3', 'true', 'debug', 'https://a.example', 'text'].flatMap((text) => {
      try {
        return [Object.keys(read({ [variable]: text }))];
      } catch {
        return [];
      }
    });
    expect(set.length).toBeGreaterThan(0);
    expect(new Set(set.flat())).toEqual(new Set([option]));
  });
});
