/**
 * Reports on the nodes of an operator: which are idle, busy or offline, and which have problems.
 *
 *   OCTA_API_KEY=… npx tsx examples/node-report.ts [--country DE]
 *
 * It only reads. The exit code is 1 if a node has problems, or could not be read.
 */
import { parseArgs } from 'node:util';
import { isAuthError, type Node, OctaClient } from '@octaspace/sdk';

const hotCelsius = 85;
const fullPercent = 90;

/** Problems of a node. */
function troublesOf({ state, system }: Node): string[] {
  const troubles: string[] = [];
  if (!state || state === 'offline') troubles.push('offline');
  const { disk, gpus = [] } = system ?? {};
  if ((disk?.used_percent ?? 0) > fullPercent) troubles.push(`disk ${disk?.used_percent} % full`);
  for (const { model, gpu_temperature = 0 } of gpus) {
    if (gpu_temperature > hotCelsius) troubles.push(`${model} at ${gpu_temperature} °C`);
  }
  return troubles;
}

const { values } = parseArgs({ options: { country: { type: 'string' } } });
const client = OctaClient.fromEnv();

async function report(): Promise<void> {
  const nodes = await client.nodes.list({ country: values.country });

  const troubled = nodes.flatMap((node) => {
    const troubles = troublesOf(node);
    const gpus = node.system?.gpus?.map(({ model }) => model).join(', ') || 'no GPU';
    const days = ((node.uptime ?? 0) / 86_400).toFixed(1);
    console.log(
      `node ${node.id}: ${node.state || 'offline'}, ${gpus}, up ${days} d${troubles.length > 0 ? `: ${troubles.join('; ')}` : ''}`,
    );
    return troubles.length > 0 ? [node] : [];
  });

  // The list does not have these fields.
  for (const { id } of troubled) {
    const { reliability, data } = await client.nodes.get(id);
    const { s_normal = 0, s_failed = 0, stability = '?' } = reliability ?? {};
    console.log(
      `node ${id}: ${s_failed} of ${s_normal + s_failed} sessions failed (stability ${stability} %), agent ${data?.version ?? 'unknown'}`,
    );
  }
  console.log(`${nodes.length} nodes, ${troubled.length} with problems`);
  if (troubled.length > 0) process.exitCode = 1;
}

try {
  await report();
} catch (error) {
  console.error(isAuthError(error) ? `OCTA_API_KEY is missing or wrong: ${error.message}` : String(error));
  process.exitCode = 1;
}
