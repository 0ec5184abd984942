/** Catalogues with less information, or with other fields. */
import { describe, expect, test } from 'vitest';
import { type FindMachinesOptions, type FindRelaysOptions, OctaResponseError } from '../../src/index.ts';
import { clientFor } from '../support/calls.ts';
import { failure } from '../support/failure.ts';
import { json, serve } from '../support/server.ts';

const serving = (text: string) => serve((_, response) => json(response, text));

/** An older catalogue: the model as text, only the base price, and only the name of the country. */
const fewFields = `[
  {"node_id":1,"country":"Poland","city":"Warsaw","gpu":"NVIDIA GeForce RTX 4090","base_usd":3400},
  {"node_id":2,"country":"Germany","city":"Berlin","gpu":"NVIDIA GeForce RTX 4090 D","base_usd":1200},
  {"node_id":3,"country":"United Kingdom","city":"London","gpu":"NVIDIA GeForce RTX 4090","base_usd":2900},
  {"node_id":4,"country":"Czech Republic","city":"Brno","gpu":"NVIDIA RTX A1000"},
  {"node_id":5,"country":"South Korea","city":"Seoul","gpu":"NVIDIA A100-SXM4-80GB","base_usd":9000}
]`;

const byVendor = `[
  {"node_id":1,"gpu":{"nvidia":[{"model":"NVIDIA L4","mem_total_mb":23034},{"model":"NVIDIA L4","mem_total_mb":23034}],"amd":[]}},
  {"node_id":2,"gpu":{"nvidia":[{"model":"NVIDIA L40S","mem_total_mb":46068}]}},
  {"node_id":3,"gpu":{"nvidia":[],"amd":[],"intel":[]}}
]`;

describe.each(['mr', 'render'] as const)('services.%s.find', (service) => {
  const table: [catalogue: string, criteria: FindMachinesOptions, found: number[]][] = [
    [fewFields, {}, [2, 3, 1, 5, 4]],
    [fewFields, { gpu: 'rtx4090' }, [3, 1]],
    [fewFields, { gpu: '4090 D' }, [2]],
    [fewFields, { gpu: 'A100', minGpus: 1 }, [5]],
    [fewFields, { maxUsdPerHour: 0.34 }, [2, 3, 1]],
    [fewFields, { maxUsdPerHour: 0.3399 }, [2, 3]],
    [fewFields, { country: 'PL' }, [1]],
    [fewFields, { country: 'poland' }, [1]],
    [fewFields, { country: 'UK' }, [3]],
    [fewFields, { country: 'Czechia' }, [4]],
    [fewFields, { country: 'Korea' }, [5]],
    [fewFields, { country: 'FR' }, []],
    [byVendor, { gpu: 'L4' }, [1]],
    [byVendor, { gpu: 'L40S', minVramMb: 40_000 }, [2]],
    [byVendor, { minGpus: 2 }, [1]],
    ['[{"node_id":1,"gpus":[],"is_has_gpu":false}]', { gpu: '4090' }, []],
    ['[]', { gpu: '4090', country: 'DE', maxUsdPerHour: 1 }, []],
  ];
  test.each(table)('%#: %o', async (catalogue, criteria, found) => {
    await using server = await serving(catalogue);
    const machines = await clientFor(server).services[service].find(criteria);
    expect(machines.map(({ node_id }) => node_id)).toEqual(found);
  });

  const impossible: [catalogue: string, criteria: FindMachinesOptions, message: string][] = [
    [fewFields, { minGpus: 2 }, 'find cannot apply minGpus: no entry of the catalogue has gpus'],
    [fewFields, { minVramMb: 1 }, 'find cannot apply minVramMb: no entry of the catalogue has gpus.mem_total_mb'],
    [fewFields, { minCpuCores: 8 }, 'find cannot apply minCpuCores: no entry of the catalogue has cpu_cores'],
    [
      '[{"node_id":1,"base_usd":1}]',
      { gpu: '4090' },
      'find cannot apply gpu: no entry of the catalogue has gpus or gpu',
    ],
    ['[{"node_id":1,"gpus":null}]', { minGpus: 1 }, 'find cannot apply minGpus: no entry of the catalogue has gpus'],
    [
      '[{"node_id":1,"city":"Warsaw"},{"node_id":2}]',
      { country: 'PL' },
      'find cannot apply country: no entry of the catalogue has country or country_iso',
    ],
    [
      '[{"node_id":1,"total_price_usd":null}]',
      { maxUsdPerHour: 9 },
      'find cannot apply maxUsdPerHour: no entry of the catalogue has total_price_usd or base_usd',
    ],
    [
      '[{"node_id":1,"reliability":99.5}]',
      { minStability: 90 },
      'find cannot apply minStability: no entry of the catalogue has reliability.stability',
    ],
  ];
  test.each(impossible)('%#: throws for %o', async (catalogue, criteria, message) => {
    await using server = await serving(catalogue);
    const error = await failure(clientFor(server).services[service].find(criteria), OctaResponseError);
    expect(error.message).toBe(message);
    const operation = service === 'mr' ? 'listMrMachines' : 'listRenderMachines';
    expect(error.request).toEqual({ operation, method: 'GET', url: `${server.url}/services/${service}` });
    expect(server.received).toHaveLength(1);
  });
});

describe('services.vpn.find', () => {
  const relays = '[{"node_id":1,"country":"Holland"},{"node_id":2,"country_iso":"NL"},{"node_id":3,"country":"Spain"}]';

  test.each(['NL', 'nl', 'Netherlands', 'the Netherlands', 'Holland'])('%s finds codes and names', async (country) => {
    await using server = await serving(relays);
    const found = await clientFor(server).services.vpn.find({ country });
    expect(found.map(({ node_id }) => node_id)).toEqual([1, 2]);
  });

  const impossible: [criteria: FindRelaysOptions, fields: string][] = [
    [{ residential: true }, 'residential'],
    [{ maxUsdPerGb: 1 }, 'traffic_price_usd'],
    [{ minDownMbits: 1 }, 'net_down_mbits'],
    [{ minUpMbits: 1 }, 'net_up_mbits'],
  ];
  test.each(impossible)('throws for %o', async (criteria, fields) => {
    await using server = await serving(relays);
    const error = await failure(clientFor(server).services.vpn.find(criteria), OctaResponseError);
    expect(error.message).toBe(
      `find cannot apply ${Object.keys(criteria)[0]}: no entry of the catalogue has ${fields}`,
    );
  });
});

test.each([
  ['DE', 'DE'],
  ['Germany', 'DE'],
  ['uk', 'GB'],
  ['Atlantis', 'Atlantis'],
])('nodes.list sends the code of the country %s.', async (country, sent) => {
  await using server = await serving('[]');
  await clientFor(server).nodes.list({ country });
  expect(server.received.map(({ path }) => path)).toEqual([`/nodes?country=${sent}`]);
});
