/** What comes back: amounts, logs, downloads, and what was not promised. */
import type { DriftEvent } from '@octaspace/sdk';
import { demand, equal, matches, rejection } from './expect.ts';
import type { Test } from './kit.ts';

const wei = 31428028938060847852n;
/** More than fits into 128 bits. */
const hugeWei = 1234567890123456789012345678901234567890n;

/** Every byte there is. */
const everyByte = Array.from({ length: 256 }, (_, byte) => byte);

export const answers: readonly Test[] = [
  [
    'Amounts are exact, whether they come as numbers of any size or as text.',
    async (kit) => {
      const scene = await kit.scene(
        { body: `{"balance":${wei}}` },
        { body: `{"balance":"${wei}"}` },
        { body: `{"balance":${hugeWei}}` },
      );
      const { accounts } = kit.client(scene);
      const balances = [await accounts.balance(), await accounts.balance(), await accounts.balance()];
      equal(
        balances.map(({ balance }) => balance),
        [wei, wei, hugeWei],
      );
      equal(kit.sdk.formatOcta(wei), '31.428028938060847852');
      equal(kit.sdk.toJson({ wei }), `{"wei":"${wei}"}`);
    },
  ],
  [
    'Amounts reach the wire digit for digit.',
    async (kit) => {
      const scene = await kit.scene({});
      const client = kit.client(scene, kit.billable);
      await client.nodes.updatePrices(7, { base: wei, storage: `${hugeWei}`, traffic: 5 });
      const [sent] = (await scene.report()).received;
      matches(sent ?? {}, {
        method: 'PATCH',
        path: '/nodes/7/prices',
        body: `{"base":${wei},"storage":${hugeWei},"traffic":5}`,
      });
    },
  ],
  [
    'A long list that comes in small pieces is read whole, characters of several bytes included.',
    async (kit) => {
      const session = `{"uuid":"Zürich-東京-🐙","charge_amount":${wei}}`;
      const scene = await kit.scene({ body: `[${Array(200).fill(session).join(',')}]`, form: 'slices' });
      const sessions = await kit.client(scene).sessions.list();
      equal(sessions.length, 200, 'the number of sessions');
      const odd = sessions.filter(({ uuid, charge_amount }) => uuid !== 'Zürich-東京-🐙' || charge_amount !== wei);
      equal(odd, []);
    },
  ],
  [
    'An answer that is packed on the way is unpacked.',
    async (kit) => {
      const scene = await kit.scene({ body: `{"balance":${wei}}`, form: 'gzip' });
      equal((await kit.client(scene).accounts.balance()).balance, wei, 'the balance');
    },
  ],
  [
    'An answer larger than maxResponseBytes is not read on, packed or not.',
    async (kit) => {
      // A page of another origin may not be shown that an answer is packed.
      const hidden = { 'access-control-expose-headers': 'x-request-id' };
      for (const step of [{ form: 'gzip' }, { form: 'gzip', headers: hidden }, { form: 'slices' }] as const) {
        const scene = await kit.scene({ body: '["0123456789"]', repeated: 2_000, ...step });
        const call = kit.client(scene, { maxResponseBytes: 10_000 }).sessions.list();
        const { message } = await rejection(kit.sdk.OctaResponseError, call);
        demand(message.includes('maxResponseBytes'), message);
      }
    },
  ],
  [
    'A log in gzip and base64 is text, up to its bound.',
    async (kit) => {
      const text = 'line: 42 °C\n';
      const packed = { body: text, repeated: 50_000, form: 'log' } as const;
      const scene = await kit.scene(packed, packed, { body: '{"data":"H4sIAAAAAAAAA0tMBgDCQSQ1AgAAAA=="}' });
      const { idleJobs } = kit.client(scene);
      equal((await idleJobs.logs(42, 7)) === text.repeat(50_000), true, 'whether the log is what was packed');
      const beyond = await rejection(kit.sdk.OctaResponseError, idleJobs.logs(42, 7, { maxBytes: 100_000 }));
      demand(beyond.message.includes('100000 bytes'), beyond.message);
      const corrupt = await rejection(kit.sdk.OctaResponseError, idleJobs.logs(42, 7));
      demand(corrupt.message.includes('corrupt'), corrupt.message);
    },
  ],
  [
    'A download is a Blob of the very bytes, or a stream of them.',
    async (kit) => {
      const scene = await kit.scene({ body: btoa(String.fromCharCode(...everyByte)), form: 'bytes' });
      const { nodes } = kit.client(scene);
      const blob = await nodes.downloadIdent(42);
      equal([...new Uint8Array(await blob.arrayBuffer())], everyByte, 'the blob');
      const { body } = await nodes.downloadIdent(42).asResponse();
      equal([...new Uint8Array(await new Response(body).arrayBuffer())], everyByte, 'the stream');
    },
  ],
  [
    'withResponse tells of the answer as it was.',
    async (kit) => {
      const headers = { 'x-request-id': 'r-1' };
      const scene = await kit.scene({ status: 500 }, { body: `{"balance":${wei}}`, headers });
      const { data, response } = await kit.client(scene).accounts.balance().withResponse();
      equal(data.balance, wei, 'the balance');
      const { durationMs, headers: received, ...told } = response;
      const url = `${scene.url}/accounts/balance`;
      equal({ ...told }, { status: 200, requestId: 'r-1', url, attempts: 2, text: `{"balance":${wei}}` });
      equal(received.get('x-request-id'), 'r-1', 'the header');
      demand(durationMs >= 0, `durationMs is ${durationMs}`);
    },
  ],
  [
    'Drift is reported and does no harm.',
    async (kit) => {
      const events: DriftEvent[] = [];
      const body = `[{"uuid":"u-1","charge_amount":{"odd":1}},{"uuid":"u-2","charge_amount":${wei},"brand_new":1}]`;
      const client = kit.client(await kit.scene({ body }), { onDrift: (event) => void events.push(event) });
      const sessions = await client.sessions.list();
      equal(
        sessions.map(({ uuid, charge_amount }) => [uuid, charge_amount]),
        [
          ['u-1', undefined],
          ['u-2', wei],
        ],
      );
      const told = events.map(({ operation, path, expected }) => [operation, path, expected]);
      demand(
        told.some(([, path, expected]) => path === '[1].brand_new' && expected === 'absent'),
        JSON.stringify(told),
      );
      demand(
        told.some(([operation, path]) => operation === 'listSessions' && path === '[0].charge_amount'),
        JSON.stringify(told),
      );
    },
  ],
  [
    'Schemas of zod take the models, and check answers.',
    async (kit) => {
      const { BalanceSchema, validator } = kit.modules.zod;
      equal(BalanceSchema.safeParse({ balance: wei }).success, true, 'whether a balance passes');
      equal(BalanceSchema.safeParse({ balance: 'much' }).success, false, 'whether words pass');
      const scene = await kit.scene({ body: '[{"uuid":7}]' });
      const issues: DriftEvent[] = [];
      await kit
        .client(scene, { validate: validator('report'), onDrift: (event) => void issues.push(event) })
        .sessions.list();
      demand(
        issues.some(({ path }) => path === '[0].uuid'),
        'nothing was reported of the uuid',
      );
      const strict = kit.client(scene, { validate: validator('strict') }).sessions.list();
      const { issues: found } = await rejection(kit.sdk.OctaResponseError, strict);
      demand(found?.some(({ path }) => path === '[0].uuid') === true, 'the uuid is not among the issues');
    },
  ],
];
