/** The responses of the simulator conform to the spec, for every operation. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { type OperationId, operations } from '../../../generated/operations.ts';
import type { DriftEvent } from '../../../src/index.ts';
import { OctaSimulator } from '../../../src/testing/index.ts';
import { spec } from '../../support/spec.ts';
import { ask, aWorld, rental } from './ask.ts';

interface Media {
  readonly schema: object;
}
interface DocumentedAnswer {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, Media>>;
}

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema({ $id: 'spec', ...spec });

/** The place of a response in the spec. */
function answerAt(operation: OperationId, status: number): { readonly type: string; readonly pointer: string } {
  const { path, method } = operations[operation];
  const verb = method.toLowerCase();
  const responses: Readonly<Record<string, DocumentedAnswer>> = Object(spec.paths[path])[verb].responses;
  const response = responses[String(status)];
  if (response === undefined) throw new Error(`${operation}: ${status} is not documented`);
  const name = response.$ref?.replace('#/components/responses/', '');
  const content = (name === undefined ? response : spec.components.responses[name])?.content ?? {};
  const [type = ''] = Object.keys(content);
  const escaped = (text: string) => encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'));
  const base =
    name === undefined
      ? `#/paths/${escaped(path)}/${verb}/responses/${status}`
      : `#/components/responses/${escaped(name)}`;
  return { type, pointer: `spec${base}/content/${escaped(type)}/schema` };
}

const seen = new Set<OperationId>();
/** Operations that had a response without a body. */
const empty = new Set<OperationId>();

/** Operations whose response body may be missing, as the spec says in its text. */
function mayBeEmpty(operation: OperationId): boolean {
  return operations[operation].answer === 'none';
}
const validators = new Map<string, ValidateFunction>();

function validatorFor(pointer: string): ValidateFunction {
  const known = validators.get(pointer) ?? ajv.compile({ $ref: pointer });
  validators.set(pointer, known);
  return known;
}

/** Sends a request, and checks the response against the spec of the operation. Returns the parsed response. */
async function askFor(simulator: OctaSimulator, line: string, body?: unknown): Promise<unknown> {
  const { status, headers, text } = await ask(simulator, line, { body });
  const operation = simulator.requests.at(-1)?.operation;
  if (operation === undefined) throw new Error(`${line} is no operation`);
  const { type, pointer } = answerAt(operation, status);
  expect(headers.get('content-type')).toBe(type);
  seen.add(operation);
  if (type !== 'application/json') return text;
  if (text === '' && mayBeEmpty(operation)) {
    empty.add(operation);
    return undefined;
  }
  const value: unknown = JSON.parse(text);
  const validate = validatorFor(pointer);
  expect({ line, status, errors: validate(value) ? [] : validate.errors, text }).toMatchObject({ errors: [] });
  return value;
}

const batch = (node_id: unknown) => [
  { id: 0, ...rental(Number(node_id)), ports: [22], http_ports: [80], envs: { A: '1' } },
];

/** Sends all kinds of requests, in a world with sessions of all kinds and in all states. */
async function wholeStory(simulator: OctaSimulator): Promise<void> {
  const firstOf = async (path: string) => (await askFor(simulator, `GET ${path}`)) as Record<string, unknown>[];
  const machines = await firstOf('/services/mr');
  const [render] = await firstOf('/services/render');
  const relays = await firstOf('/services/vpn');
  const uuids: unknown[] = [];
  const start = async (line: string, body: unknown) => {
    const [{ uuid }] = [await askFor(simulator, line, body)].flat() as [{ uuid?: string }];
    uuids.push(uuid);
  };
  for (const { node_id } of machines.slice(0, 5)) await start('POST /services/mr', batch(node_id));
  await start('POST /services/mr', rental(Number(machines[6]?.node_id)));
  await start('POST /services/render', { node_id: render?.node_id, disk_size: 5 });
  const subkinds = ['wg', 'openvpn', 'ss', 'v2ray', 'http_proxy'];
  for (const [index, subkind] of subkinds.entries()) {
    await start('POST /services/vpn', { node_id: relays[index]?.node_id, subkind });
  }
  // The API returns the fewest fields for sessions that were stopped before they were ready.
  for (const { node_id } of machines.slice(7, 12)) {
    const [early] = (await askFor(simulator, 'POST /services/mr', batch(node_id))) as { uuid?: string }[];
    await askFor(simulator, `POST /services/${early?.uuid}/stop`);
  }
  for (let step = 0; step < 6; step++) {
    await askFor(simulator, 'GET /sessions');
    for (const uuid of uuids) {
      await askFor(simulator, `GET /services/${uuid}/info`);
      await askFor(simulator, `GET /services/${uuid}/logs`);
    }
    await simulator.advance(step < 4 ? 2000 : 40_000);
  }
  await askFor(simulator, 'POST /services/mr', batch(5));
  await askFor(simulator, 'POST /services/mr', { ...rental(5) });
  await askFor(simulator, 'POST /services/mr', [{}]);
  await askFor(simulator, 'POST /services/vpn', { node_id: 5 });
  for (const [index, uuid] of uuids.entries()) {
    await askFor(simulator, `POST /services/${uuid}/stop`, index % 2 === 0 ? { score: 5 } : undefined);
  }
  await askFor(simulator, `POST /services/${uuids[0]}/stop`);
  await askFor(simulator, `GET /services/${uuids[0]}/info`);
  await askFor(simulator, `GET /services/${uuids[0]}/logs?recent=true`);
  await askFor(simulator, 'GET /sessions?recent=true');
  await askFor(simulator, 'GET /accounts');
  await askFor(simulator, 'POST /accounts');
  await askFor(simulator, 'GET /accounts/balance');
  await askFor(simulator, 'GET /apps');
  await askFor(simulator, 'GET /network');
  for (const { id } of await firstOf('/nodes')) {
    await askFor(simulator, `PATCH /nodes/${id}/prices`, { base: 5 });
    await askFor(simulator, `GET /nodes/${id}/reboot`);
    for (const rest of ['', '/ident', '/logs']) await askFor(simulator, `GET /nodes/${id}${rest}`);
    for (const job of [1, 3])
      for (const rest of ['', '/logs']) await askFor(simulator, `GET /idle_jobs/${id}/${job}${rest}`);
  }
  await askFor(simulator, 'GET /nodes/5');
}

describe('the spec', () => {
  test.each([[1], [2], ['another']])('describes every response with seed %j, with quirks and without', async (seed) => {
    await wholeStory(new OctaSimulator({ seed, machines: 30, nodes: 10 }));
    await wholeStory(new OctaSimulator({ seed, machines: 30, nodes: 10, quirks: false }));
  });

  test('was checked for every operation', () => {
    expect(Object.keys(operations).filter((id) => !seen.has(id as OperationId))).toEqual([]);
  });

  test('allows missing bodies for operations without a result, and some are missing', () => {
    expect([...empty].sort()).toEqual(['rebootNode', 'stopSession', 'updateNodePrices']);
  });

  test('rejects other responses', () => {
    const { pointer } = answerAt('listMrMachines', 200);
    const validate = validatorFor(pointer);
    expect(validate([{ node_id: 'seven' }])).toBe(false);
  });
});

test('Clients find nothing unexpected except the one new field.', async () => {
  const events: DriftEvent[] = [];
  const onDrift = (event: DriftEvent): void => {
    events.push(event);
  };
  const { simulator, client } = aWorld({ machines: 20, nodes: 8 }, { onDrift });
  const machines = await client.services.mr.available();
  const [render] = await client.services.render.available();
  const [relay] = await client.services.vpn.available();
  const started = [
    await client.services.render.start({ node_id: render?.node_id ?? 0, disk_size: 5 }),
    await client.services.vpn.start({ node_id: relay?.node_id ?? 0, subkind: 'http_proxy' }),
  ];
  for (const { node_id } of machines) {
    started.push(
      await client.services.mr.start({ ...rental(node_id), ports: [22], http_ports: [80], envs: { A: 'b' } }),
    );
  }
  for (const ms of [0, 20_000]) {
    await simulator.advance(ms);
    for (const session of started) await Promise.all([session.info(), session.logs()]);
    await client.sessions.list();
  }
  await Promise.all(started.map((session) => session.stop()));
  await client.sessions.list({ recent: true });
  await Promise.all([client.accounts.get(), client.accounts.balance(), client.accounts.generateWallet()]);
  await Promise.all([client.apps.list(), client.network.get()]);
  for (const { id } of await client.nodes.list()) {
    await Promise.all([client.nodes.get(id), client.idleJobs.get(id, 1), client.idleJobs.logs(id, 1)]);
  }
  expect(events.map(({ operation, path, expected }) => [operation, path, expected])).toEqual([
    ['listMrMachines', '[0].zz_new_field', 'absent'],
  ]);
});
