/** A transcript of a whole rental over the Model Context Protocol, on a simulator. */
import { openMcp } from './mcp.ts';

/** Fields that every or many responses have, and that a reader need not see twice. */
const leftOut = new Set(['untrusted', 'budget']);

function shown(data: Record<string, unknown>): string {
  const entries = Object.entries(data).filter(([name, value]) => !leftOut.has(name) && !isEmpty(value));
  return JSON.stringify(Object.fromEntries(entries), null, 1)
    .replace(/\n\s*/g, ' ')
    .replace(/\{ /g, '{')
    .replace(/ \}/g, '}')
    .replace(/\[ /g, '[')
    .replace(/ \]/g, ']');
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** Breaks a line between fields, so that it fits on a page. */
function wrapped(line: string, width = 130): string {
  const lines: string[] = [];
  let current = '';
  for (const part of line.split(/(?<=,) /)) {
    if (current !== '' && current.length + part.length + 1 > width) {
      lines.push(current);
      current = `  ${part}`;
    } else current = current === '' ? part : `${current} ${part}`;
  }
  return [...lines, current].join('\n');
}

/** Rents a machine, looks at it, and stops it. Returns the requests and responses. */
export async function rentalTranscript(): Promise<string> {
  const limits = { maxSpend: 2n * 10n ** 18n, maxTotalSpend: 5n * 10n ** 18n, maxMinutes: 60, maxSessions: 1 };
  await using mcp = await openMcp({ limits }, { seed: 1 });
  const parts: string[] = [];
  const ask = async (name: string, args: Record<string, unknown>) => {
    const { data } = await mcp.call(name, args);
    parts.push(wrapped(`> ${name} ${shown(args)}`), wrapped(shown(data)), '');
    return data;
  };
  const { machines } = await ask('find_machines', { gpu: 'RTX 4070', limit: 1 });
  const order = { kind: 'machine', node_id: machines[0].node_id, image: 'ubuntu:24.04', disk_gb: 10, minutes: 30 };
  const { quote_id } = await ask('quote', order);
  await ask('rent', { quote_id, max_spend_octa: '3', max_minutes: 30 });
  const { session } = await ask('rent', { quote_id, max_spend_octa: '1', max_minutes: 30 });
  await mcp.simulator.advance(1_000);
  await ask('session_logs', { session: session.rental_id });
  await mcp.simulator.advance(600_000);
  await ask('session_status', { session: session.rental_id });
  await ask('stop_session', { session: session.rental_id });
  return parts.join('\n').trimEnd();
}
