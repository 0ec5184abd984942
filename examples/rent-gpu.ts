/**
 * Rents the cheapest machine with a GPU, shows how it gets ready, its logs and its charge for a while, and stops it.
 *
 *   OCTA_API_KEY=… npx tsx examples/rent-gpu.ts [--gpu 4090] [--seconds 30]
 *
 * It costs money: the first machine that does not refuse, for as long as you say.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { formatOcta, OctaClient, parseOcta } from '@octaspace/sdk';

const { values } = parseArgs({ options: { gpu: { type: 'string' }, seconds: { type: 'string', default: '30' } } });
const seconds = Number(values.seconds);

const client = OctaClient.fromEnv();
const machines = await client.services.mr.find({ gpu: values.gpu, minGpus: 1 });
console.log(`${machines.length} machines; the cheapest are`);
for (const { node_id, gpus, country, total_price_usd } of machines.slice(0, 5)) {
  console.log(
    `  node ${node_id}: ${gpus.map(({ model }) => model).join(', ')} in ${country}, ${total_price_usd} USD per hour`,
  );
}

// Ctrl-C ends the wait and the scope, and with it the session.
const controller = new AbortController();
process.once('SIGINT', () => controller.abort(new Error('interrupted')));
const { signal } = controller;

await using session = await client.services.mr.rent(
  { candidates: machines.slice(0, 5), disk_size: 20, image: 'ubuntu:24.04', ports: [22] },
  {
    signal,
    maxSpend: parseOcta('1'),
    onProgress: ({ step, node_id, info, elapsedMs }) =>
      console.log(
        `${Math.round(elapsedMs / 1000)} s: ${step} ${info?.progress ?? (node_id === undefined ? '' : `node ${node_id}`)}`,
      ),
  },
);
const { ssh_direct, ssh_proxy } = await session.info();
const ssh = ssh_direct?.host ? ssh_direct : ssh_proxy;
console.log(`ready: ssh -p ${ssh?.port} root@${ssh?.host}`);

const followed = (async () => {
  for await (const { source, text } of session.followLogs({ signal })) console.log(`${source}: ${text}`);
})().catch(() => undefined);

await sleep(seconds * 1000, undefined, { signal }).catch(() => undefined);
const { charge_amount = 0n, duration } = await session.info();
console.log(`${formatOcta(charge_amount)} OCTA for ${duration} s`);

await session.stop();
await followed;
