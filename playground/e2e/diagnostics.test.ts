/** Any call, the smoke checks, the statistics of the transport, and the log of requests. */
import { OctaClient } from '@octaspace/sdk';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { calls } from '../src/calls/calls.ts';
import { open, settled, withBrowser } from './support/browser.ts';
import { accessibilityProblems, picture } from './support/checks.ts';
import { until } from './support/steps.ts';

withBrowser();

/** Names of the methods of an object's class, without what is not for calling. */
function methodsOf(name: string, resource: object): string[] {
  const members = Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(resource)));
  const methods = members.filter(([member, { value }]) => member !== 'constructor' && typeof value === 'function');
  return methods.map(([member]) => `${name}.${member}`);
}

test('Every method of the SDK can be called.', () => {
  const { accounts, apps, network, nodes, sessions, idleJobs, services } = new OctaClient();
  const { mr, render, vpn } = services;
  const named = {
    accounts,
    apps,
    network,
    nodes,
    sessions,
    idleJobs,
    'services.mr': mr,
    'services.render': render,
    'services.vpn': vpn,
  };
  const all = [...Object.entries(named), ['services.session', services.session('any')] as const];
  // What only says that a scope shall not stop the session sends nothing.
  const methods = all
    .flatMap(([name, resource]) => methodsOf(name, resource))
    .filter((name) => name !== 'services.session.keep');
  expect(methods.length).toBeGreaterThan(30);
  expect(calls.map(({ name }) => name).toSorted()).toEqual(methods.toSorted());
});

async function choose(page: Page, method: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Method' }).click();
  await page.getByRole('option', { name: method, exact: true }).click();
}

async function fill(page: Page, values: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(values))
    await page.locator('main').getByRole('textbox', { name, exact: true }).fill(value);
}

async function run(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const result = page.getByTestId('result');
  await result.waitFor();
  return (await result.getByRole('region', { name: 'Data' }).textContent()) ?? '';
}

describe('any call', () => {
  test('A read shows its data, its attempts, and the answer as it was on the wire.', async () => {
    await using opened = await open('/diagnostics/calls?speed=20');
    const { page } = opened;
    await settled(page);
    await choose(page, 'accounts.balance');
    expect(await run(page)).toMatch(/"balance": "\d{20}"/);
    expect(await page.getByText(/^attempts: /).textContent()).toBe('attempts: 1');
    await page.getByRole('tab', { name: 'On the wire' }).click();
    expect(await page.getByRole('region', { name: 'On the wire' }).textContent()).toMatch(/\d{20}/);
    await picture(page, 'call-result');
    expect(await accessibilityProblems(page)).toEqual([]);
  });

  test('Parameters are checked before anything is sent.', async () => {
    await using opened = await open('/diagnostics/calls');
    const { page } = opened;
    await settled(page);
    await choose(page, 'nodes.updatePrices');
    expect(await page.getByRole('button', { name: 'Run', exact: true }).isDisabled()).toBe(true);
    await fill(page, { node_id: '8005', base: '12.5' });
    await page.getByText('digits only').waitFor();
    await fill(page, { base: '12345678901234567890' });
    expect(await page.getByRole('button', { name: 'Run', exact: true }).isDisabled()).toBe(false);
  });

  test('Prices beyond what a double holds reach the API digit for digit.', async () => {
    await using opened = await open('/diagnostics/calls?speed=20');
    const { page } = opened;
    await settled(page);
    await choose(page, 'nodes.updatePrices');
    await fill(page, { node_id: '8005', base: '12345678901234567891' });
    await run(page);
    await choose(page, 'nodes.list');
    expect(await run(page)).toContain('"base": "12345678901234567891"');
  });

  test('A session is started, waited for, watched, and stopped.', async () => {
    await using opened = await open('/diagnostics/calls?speed=60');
    const { page } = opened;
    await settled(page);
    await choose(page, 'services.mr.rent');
    await fill(page, { node_id: '8036' });
    const uuid = /"uuid": "([0-9a-f-]{36})"/.exec(await run(page))?.[1] ?? '';
    for (const [method, shows] of [
      ['services.session.watch', 'service configured'],
      ['services.session.followLogs', '"source"'],
      ['services.session.stop', '"alreadyStopped": false'],
    ] as const) {
      await choose(page, method);
      await fill(page, { uuid });
      expect(await run(page)).toContain(shows);
    }
  });

  test('A call under way can be cancelled.', async () => {
    await using opened = await open('/diagnostics/calls?scenario=slow');
    const { page } = opened;
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.getByRole('region', { name: 'Result' }).locator('[data-error=OctaAbortError]').waitFor();
  });

  test('A start that is refused says why.', async () => {
    await using opened = await open('/diagnostics/calls?speed=20');
    const { page } = opened;
    await choose(page, 'services.mr.start');
    await fill(page, { node_id: '1' });
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const error = page.getByRole('region', { name: 'Result' }).locator('[data-error=OctaProvisionRejectedError]');
    await error.waitFor();
    expect(await error.getByText(/^Reasons: /).textContent()).toBe('Reasons: Node not found');
  });
});

test('The smoke suite makes every read, and tells of each.', async () => {
  await using opened = await open('/diagnostics/smoke?speed=20');
  const { page } = opened;
  await settled(page);
  await page.getByRole('button', { name: 'Run all' }).click();
  await page.locator('[data-check="idleJobs.logs"][data-step=passed]').waitFor();
  expect(await page.getByTestId('smoke').textContent()).toBe('16 passed, 0 failed, 1 skipped, of 17');
  await picture(page, 'smoke');
  expect(await accessibilityProblems(page)).toEqual([]);
});

test('The smoke suite goes on after what fails.', async () => {
  await using opened = await open('/diagnostics/smoke?scenario=unauthorized&speed=20');
  const { page } = opened;
  await page.getByRole('button', { name: 'Run all' }).click();
  const summary = page.getByTestId('smoke');
  await until(async () => (await summary.textContent())?.startsWith('3 passed') ?? false);
  await page.locator('[data-check="services.vpn.available"][data-step=failed]').waitFor();
});

test('The figures of the transport move while something fails.', async () => {
  await using opened = await open('/diagnostics/transport?scenario=unavailable&speed=5');
  const { page } = opened;
  await page.locator('[data-url] [data-state=resting]').first().waitFor();
  await until(async () => !(await page.locator('main').textContent())?.includes('100 of 100'));
});

test('The log has each request, its details on demand, and never the key.', async () => {
  await using opened = await open('/account?speed=20');
  const { page } = opened;
  await settled(page);
  await page.getByRole('button', { name: /^Requests/ }).click();
  await picture(page, 'log-open');
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole('button', { name: 'Details of GET /accounts', exact: true }).click();
  const details = page.getByRole('dialog');
  await details.getByText('getAccount').waitFor();
  await details.getByRole('region', { name: 'Headers of the response' }).getByText('application/json').waitFor();
  await picture(page, 'log-details');
  expect(await accessibilityProblems(page)).toEqual([]);
  const shown = (await page.locator('html').innerHTML()).replace('The simulator accepts only demo-key', '');
  expect(shown).not.toContain('demo-key');
  expect(shown.toLowerCase()).not.toContain('authorization');
});

test('Another seed is another world, and the same seed the same one.', async () => {
  const nodesOf = async (seed: number) => {
    await using opened = await open(`/nodes?seed=${seed}`);
    await opened.page.locator('main [data-row]').first().waitFor();
    return await opened.page.locator('main [data-row] td:nth-child(4)').allTextContents();
  };
  const first = await nodesOf(1);
  expect(await nodesOf(1)).toEqual(first);
  expect(await nodesOf(2)).not.toEqual(first);
});
