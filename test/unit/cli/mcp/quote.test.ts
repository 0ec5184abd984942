/** What `quote` says about an offer, and what the searches say if there is none. */
import { describe, expect, test } from 'vitest';
import { Quotes } from '../../../../src/cli/mcp/quotes.ts';
import { parseOcta } from '../../../../src/index.ts';
import { OctaSimulator } from '../../../../src/testing/index.ts';
import { type McpUser, openMcp } from '../../../support/mcp.ts';
import { runCli } from '../console.ts';

const gpu = 'NVIDIA GeForce RTX 4090';
const machine = { node_id: 1, gpu, country: 'Germany', free_disk: 100e9, priceWeiPerHour: parseOcta('1') };

function market() {
  return new OctaSimulator({ machines: [machine, { ...machine, node_id: 2 }], quirks: false });
}

async function quote({ call }: McpUser, given: Record<string, unknown> = {}) {
  return (await call('quote', { kind: 'machine', node_id: 1, image: 'a', minutes: 60, ...given })).data;
}

describe('A quote', () => {
  test('includes the price of the disk, like that of octaspace run.', async () => {
    const simulator = new OctaSimulator({ machines: [machine], quirks: false });
    await using mcp = await openMcp({}, simulator);
    const [small, large] = [await quote(mcp, { disk_gb: 10 }), await quote(mcp, { disk_gb: 90 })];
    expect(large.price.usd_per_hour - small.price.usd_per_hour).toBeCloseTo(80 * 0.0001, 5);
    expect(BigInt(large.estimate.wei)).toBe(BigInt(large.price.per_hour.wei));
    expect(large.estimate_usd).toBeCloseTo(large.price.usd_per_hour, 4);
    const env = { OCTA_API_KEY: 'key' };
    const given = ['run', '--json', '--yes', '--max-spend', '1', '--disk', '90', '--', 'true'];
    const { stdout } = await runCli(given, { env, fetch: simulator.fetch });
    const { weiPerHour } = JSON.parse(stdout.split('\n')[0] ?? '');
    expect(large.price.per_hour.wei).toBe(weiPerHour);
  });

  test('of a render node includes the price of the disk.', async () => {
    await using mcp = await openMcp();
    const { node_id, price } = (await mcp.call('find_render_nodes', { limit: 1 })).data.render_nodes[0];
    const { data } = await mcp.call('quote', { kind: 'render_node', node_id, disk_gb: 50 });
    expect(data.price.usd_per_hour - price.usd_per_hour).toBeCloseTo(50 * 0.0001, 4);
  });

  test('is refused with a reason if the disk does not fit.', async () => {
    await using mcp = await openMcp({}, market());
    const { available, reason, quote_id } = await quote(mcp, { disk_gb: 101 });
    expect([available, quote_id]).toEqual([false, undefined]);
    expect(reason).toBe('node 1 has 100 GB of free disk, less than the 101 GB wanted');
    expect(await quote(mcp, { disk_gb: 100 })).toMatchObject({ available: true });
  });

  test('is refused with a reason if the node is in use or not listed.', async () => {
    const simulator = market();
    await using mcp = await openMcp({}, simulator);
    const limits = { max_spend_octa: '1', max_minutes: 30 };
    const { session } = (await mcp.call('rent', { quote_id: (await quote(mcp)).quote_id, ...limits })).data;
    const reasonOf = async (given: Record<string, unknown>) => (await quote(mcp, given)).reason;
    expect(await reasonOf({})).toBe(
      `node 1 is in use: rental ${session.rental_id} of this server runs or starts there`,
    );
    await using other = await openMcp({}, simulator);
    expect((await quote(other)).reason).toBe('node 1 is in use: another session of the account runs there');
    expect(await reasonOf({ node_id: 3 })).toBe(
      'node 3 is not listed any more, or is not a machine; call find_machines for others',
    );
    const relay = (await mcp.call('quote', { kind: 'relay', node_id: 2 })).data;
    expect(relay.reason).toBe('node 2 is not listed any more, or is not a relay; call find_relays for others');
  });
});

describe('A search that finds nothing', () => {
  const cases: [what: string, given: Record<string, unknown>, hint: Record<string, unknown>][] = [
    [
      'names the GPUs',
      { gpu: 'H100' },
      { hint: 'no machine has the GPU "H100"; see available_gpus', available_gpus: [gpu] },
    ],
    [
      'names the countries',
      { country: 'France', gpu: '4090' },
      { hint: 'no machine is in the country "France"; see available_countries', available_countries: ['Germany'] },
    ],
    [
      'blames no single criterion if each can be met',
      { gpu: '4090', country: 'DE', min_cpu_cores: 100_000 },
      { hint: 'no machine meets all criteria together; relax some of them' },
    ],
  ];
  test.each(cases)('%s.', async (_, given, hint) => {
    await using mcp = await openMcp({}, market());
    const { notices, untrusted, ...found } = (await mcp.call('find_machines', given)).data;
    expect(found).toEqual({ total: 0, machines: [], ...hint });
    expect(untrusted).toEqual(expect.arrayContaining(['available_gpus', 'available_countries']));
  });

  test('of relays or render nodes says why, too.', async () => {
    await using mcp = await openMcp();
    const relays = (await mcp.call('find_relays', { country: 'Tuvalu' })).data;
    expect(relays.hint).toBe('no relay is in the country "Tuvalu"; see available_countries');
    expect(relays.available_countries.length).toBeGreaterThan(0);
    const nodes = (await mcp.call('find_render_nodes', { gpu: 'RTX 1' })).data;
    expect(nodes.hint).toBe('no render node has the GPU "RTX 1"; see available_gpus');
    expect(nodes.available_gpus.length).toBeGreaterThan(0);
  });

  test('on an empty market says so.', async () => {
    await using mcp = await openMcp({}, { machines: [] });
    const { hint } = (await mcp.call('find_machines', { gpu: '4090' })).data;
    expect(hint).toBe('no machine can be rented now; try again later');
  });
});

test('A rental gives back only the quote that it still has, so that no two rentals use it.', () => {
  const quotes = new Quotes(
    () => '1',
    () => 0,
  );
  const { id } = quotes.add({ kind: 'relay', order: { node_id: 1, subkind: undefined } }, 1);
  const quote = quotes.take(id, 'first');
  quotes.giveBack(quote, 'first');
  quotes.take(id, 'second');
  quotes.giveBack(quote, 'first');
  expect(() => quotes.take(id, 'third')).toThrow(`quote_id ${id} was used for rental second`);
});
