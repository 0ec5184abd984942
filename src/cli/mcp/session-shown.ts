/** Sessions and jobs as tools return them. */
import { type ServiceInfo, sshCommand } from '../../index.ts';
import type { Rental } from './rental.ts';
import type { Zod } from './sdk.ts';
import type { ToolCall } from './tool.ts';
import { amount, amountSchema, known, longText, nameText, rounded, someAmount } from './values.ts';

/** Maximum length of the output of a job, and of each of its results. Unit: characters. */
const mostOutput = 8_000;
const mostResult = 32_000;
const mostAddresses = 32;

function addressSchema(z: Zod) {
  return z
    .strictObject({
      public_ip: z.string().optional(),
      ssh: z.string().optional().describe('Command that logs in.'),
      urls: z.array(z.strictObject({ port: z.string(), url: z.string() })).optional(),
      ports: z.array(z.strictObject({ inside: z.string(), outside: z.number() })).optional(),
      vpn_config: z.string().optional().describe('Configuration of the VPN client. It is a secret.'),
    })
    .describe('How the session can be reached.');
}

function jobSchema(z: Zod) {
  return z
    .strictObject({
      exit_code: z
        .number()
        .int()
        .optional()
        .describe('Exit code of the command. 0 is success. Absent: it did not end.'),
      output_end: z.string().describe(`The last ${mostOutput} characters that it printed. session_logs has more.`),
      results: z.array(
        z.strictObject({
          path: z.string(),
          bytes: z.number().int(),
          text: z.string().optional(),
          base64: z.string().optional(),
          cut: z.boolean(),
        }),
      ),
      missing: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
    })
    .describe('The result of a run, once it is over.');
}

/** Schema of a session. */
export function sessionSchema(z: Zod) {
  const states = ['starting', 'running', 'stopping', 'over'] as const;
  const reasons = ['done', 'stopped', 'limit', 'ended', 'failed', 'unproven'] as const;
  return z.strictObject({
    rental_id: z.string(),
    session_uuid: z.string().optional(),
    kind: z.enum(['machine', 'relay', 'render_node', 'run']),
    node_id: z.number().int(),
    state: z.enum(states),
    progress: z.string().optional(),
    end: z
      .strictObject({ reason: z.enum(reasons), text: z.string() })
      .optional()
      .describe('Why it is over. unproven: it may still run and cost money; call stop_session again.'),
    charge: amountSchema(z, 'What it has cost so far; exact once it is over.').optional(),
    limits: z.strictObject({
      max_spend: amountSchema(z, 'What it may cost.'),
      spend_left: amountSchema(z, 'What remains of it.').optional(),
      max_minutes: z.number(),
      minutes_left: z.number(),
    }),
    addresses: addressSchema(z).optional(),
    job: jobSchema(z).optional(),
  });
}

/** Fields of a session that the API, or the machine, wrote. */
export function untrustedInSession(place: string): string[] {
  const names = ['progress', 'end.text', 'addresses', 'job.output_end', 'job.results', 'job.missing'];
  return names.map((name) => `${place}.${name}`);
}

function sshOf(info: ServiceInfo): string | undefined {
  try {
    return sshCommand(info);
  } catch {
    // An invalid address must not reach a shell.
    return undefined;
  }
}

function addressesOf(info: ServiceInfo) {
  const urls = Object.entries(info.urls ?? {}).slice(0, mostAddresses);
  const ports = Object.entries(info.ports_matrix ?? {}).slice(0, mostAddresses);
  const config = typeof info.config === 'object' ? JSON.stringify(info.config) : info.config;
  const addresses = known({
    public_ip: nameText(info.public_ip || info.ip || undefined),
    ssh: sshOf(info),
    urls:
      urls.length === 0 ? undefined : urls.map(([port, url]) => ({ port: nameText(port), url: longText(url, 500) })),
    ports: ports.length === 0 ? undefined : ports.map(([inside, outside]) => ({ inside: nameText(inside), outside })),
    vpn_config: config ? longText(config, 8_000) : undefined,
  });
  return Object.keys(addresses).length === 0 ? undefined : addresses;
}

function resultOf([path, bytes]: readonly [string, Uint8Array]) {
  const shown = { path: nameText(path), bytes: bytes.length };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { ...shown, text: longText(text, mostResult), cut: text.length > mostResult };
  } catch {
    const part = bytes.subarray(0, (mostResult / 4) * 3);
    return { ...shown, base64: Buffer.from(part).toString('base64'), cut: part.length < bytes.length };
  }
}

function jobOf({ jobResult }: Rental) {
  if (jobResult === undefined) return undefined;
  const { exitCode, output, results, missing } = jobResult;
  return known({
    exit_code: exitCode,
    output_end: longText(output.slice(-mostOutput), mostOutput),
    results: Object.entries(results).slice(0, mostAddresses).map(resultOf),
    missing: missing.map(({ path, reason }) => ({ path: nameText(path), reason })),
  });
}

/** The current info of a rental's session; undefined if there is none, for example because the session has just ended. */
export async function infoOf({ state, uuid }: Rental, { client, signal }: ToolCall): Promise<ServiceInfo | undefined> {
  if (state === 'over' || uuid === undefined) return undefined;
  return await client.services
    .session(uuid)
    .info({ signal })
    .catch(() => undefined);
}

/** A rental as tools return it. `info` is the current info of its session. */
export function shownSession(rental: Rental, info: ServiceInfo | undefined, now: number) {
  const { id, quote, job, maxSpend, maxMinutes, startedAt } = rental.init;
  const isOver = rental.state === 'over';
  const charge = rental.charge ?? info?.charge_amount;
  const rest = charge === undefined || charge > maxSpend ? 0n : maxSpend - charge;
  const minutesLeft = isOver ? 0 : Math.max(0, maxMinutes - (now - startedAt) / 60_000);
  return known({
    rental_id: id,
    session_uuid: rental.uuid,
    kind: job === undefined ? quote.kind : 'run',
    node_id: quote.nodeId,
    state: rental.state,
    progress: isOver ? undefined : nameText((info?.progress ?? rental.progress) || undefined),
    end: rental.end === undefined ? undefined : { reason: rental.end.reason, text: longText(rental.end.text, 600) },
    charge: someAmount(charge),
    limits: known({
      max_spend: amount(maxSpend),
      spend_left: charge === undefined ? undefined : amount(rest),
      max_minutes: maxMinutes,
      minutes_left: rounded(minutesLeft, 1),
    }),
    addresses: info === undefined || isOver ? undefined : addressesOf(info),
    job: jobOf(rental),
  });
}
