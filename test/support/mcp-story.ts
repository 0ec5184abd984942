/** A story in which the official client calls every tool of the server. */
import { expect } from 'vitest';
import type { Answer, McpUser } from './mcp.ts';

/** The result of a tool. Fails for an error. */
function resultOf(name: string, { isError, data }: Answer) {
  expect({ name, isError, data }).toMatchObject({ isError: false });
  return data;
}

/** Calls every tool. Returns the names of those that were called. */
export async function callEveryTool({ call }: Pick<McpUser, 'call'>): Promise<Set<string>> {
  const called = new Set<string>();
  const ask = async (name: string, args: Record<string, unknown> = {}) => {
    called.add(name);
    return resultOf(name, await call(name, args, { timeout: 120_000 }));
  };
  const limits = { max_spend_octa: '1', max_minutes: 30 };

  const { machines } = await ask('find_machines', { sort: 'price', limit: 5 });
  const [first, second] = machines;
  expect(first.price.usd_per_hour).toBeLessThanOrEqual(second.price.usd_per_hour);
  expect((await ask('get_market')).usd_per_octa).toBeGreaterThan(0);
  const { balance, budget } = await ask('get_account');
  expect(BigInt(balance.wei)).toBeGreaterThan(0n);
  expect(budget).toMatchObject({ limit: { octa: '5' }, sessions: 0 });

  const quote = await ask('quote', {
    kind: 'machine',
    node_id: first.node_id,
    image: 'ubuntu:24.04',
    ports: [22],
    minutes: 30,
  });
  expect(quote.available).toBe(true);
  // With the disk it costs more.
  expect(quote.price.usd_per_hour).toBeGreaterThan(first.price.usd_per_hour);
  const { session } = await ask('rent', { quote_id: quote.quote_id, ...limits });
  expect(session).toMatchObject({ kind: 'machine', state: 'running', node_id: first.node_id });
  expect(session.addresses.ssh).toMatch(/^ssh -p \d+ root@/);

  const status = await ask('session_status', { session: session.rental_id });
  expect(status.sessions).toMatchObject([{ session_uuid: session.session_uuid, limits: { max_spend: { octa: '1' } } }]);
  expect(status.budget).toMatchObject({ left: { octa: '4' }, sessions: 1 });
  const page = await ask('session_logs', { session: session.session_uuid });
  expect(page.lines.length).toBeGreaterThan(0);
  const next = await ask('session_logs', { session: session.rental_id, cursor: page.cursor });
  expect(next).toMatchObject({ gap: false });
  const { stopped } = await ask('stop_session', { session: session.rental_id });
  expect(stopped).toMatchObject({ state: 'over', session_uuid: session.session_uuid });
  // Stopping it again is harmless.
  expect((await ask('stop_session', { session: session.rental_id })).stopped).toMatchObject({ state: 'over' });

  const { apps } = await ask('list_apps', { search: 'ubuntu' });
  const appQuote = await ask('quote', { kind: 'machine', node_id: second.node_id, app_uuid: apps[0].app_uuid });
  const job = await ask('run', {
    quote_id: appQuote.quote_id,
    ...limits,
    command: 'cat in.txt',
    files: { 'in.txt': 'hello' },
    results: ['in.txt', 'none.txt'],
  });
  expect(job.session).toMatchObject({
    kind: 'run',
    state: 'over',
    end: { reason: 'done' },
    job: {
      exit_code: 0,
      output_end: expect.stringContaining('cat in.txt'),
      results: [{ path: 'in.txt', text: 'hello', cut: false }],
      missing: [{ path: 'none.txt', reason: 'missing' }],
    },
  });
  expect(job.notices).toEqual([`rental ${job.session.rental_id}: its command has ended, and its machine was stopped`]);

  const { relays } = await ask('find_relays', { limit: 1 });
  const relayQuote = await ask('quote', { kind: 'relay', node_id: relays[0].node_id });
  const relay = await ask('rent', { quote_id: relayQuote.quote_id, ...limits });
  expect(relay.session.addresses.vpn_config).toContain('[Interface]');
  const { render_nodes } = await ask('find_render_nodes', { limit: 1 });
  const renderQuote = await ask('quote', { kind: 'render_node', node_id: render_nodes[0].node_id, disk_gb: 20 });
  const render = await ask('rent', { quote_id: renderQuote.quote_id, ...limits });
  const all = await ask('stop_all_sessions');
  const ids = all.stopped.map((each: { rental_id: string }) => each.rental_id);
  expect(ids).toEqual([relay.session.rental_id, render.session.rental_id]);
  expect(all.stopped).toMatchObject([{ state: 'over' }, { state: 'over' }]);

  const { nodes } = await ask('list_my_nodes');
  await ask('reboot_node', { node_id: nodes[0].node_id });
  expect((await ask('generate_wallet')).address).toMatch(/^0x/);
  return called;
}
