/** An application in TypeScript; the same source for every way in which modules are found. */
import {
  type Balance,
  formatOcta,
  type GuardResult,
  isNotFound,
  type LeaseOptions,
  OctaClient,
  type OctaClientOptions,
  OctaNotFoundError,
  type RetryContext,
  type Session,
  type SessionResource,
  type StartMrOptions,
  type TransportStats,
} from '@octaspace/sdk';
import { OctaSimulator, type OctaSimulatorOptions, type RecordedRequest } from '@octaspace/sdk/testing';

declare const process: { readonly env: { readonly OCTA_TEST_URL?: string } };

function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`not so: ${what}`);
}

/** A whole rental, in virtual time. */
async function rent(): Promise<void> {
  const options: OctaSimulatorOptions = { machines: [{ node_id: 1, priceWeiPerHour: 3_600n }] };
  const simulator = new OctaSimulator(options);
  const client = new OctaClient({ apiKey: 'any', fetch: simulator.fetch });
  const lease: LeaseOptions = { maxSpend: 1_000n, onProgress: ({ step }) => demand(step !== 'refused', 'no refusal') };
  const machines = await client.services.mr.find({ sort: 'price' });
  const session: SessionResource = await client.services.mr.rent(
    { candidates: machines, disk_size: 5, image: 'ubuntu' },
    lease,
  );
  const guard = session.guard({ maxDurationMs: 60_000 });
  await simulator.advance(120_000);
  const { reason }: GuardResult = await guard.done;
  demand(reason === 'duration' && simulator.running.length === 0, 'the guard has stopped it');
  const requests: readonly RecordedRequest[] = simulator.requests;
  demand(requests.filter(({ operation }) => operation === 'startMr').length === 1, 'there was one start');
}

async function main(): Promise<void> {
  await rent();
  const options: OctaClientOptions = {
    apiKey: async () => 'consumer-key',
    baseUrl: process.env.OCTA_TEST_URL,
    retries: 0,
    onRetry: ({ nextUrl }: RetryContext) => demand(nextUrl !== '', 'a retry has a URL'),
  };
  const client = new OctaClient(options);

  const account: Balance = await client.accounts.balance();
  const balance: bigint = account.balance;
  demand(balance === 31428028938060847852n, 'the balance is exact');
  // @ts-expect-error an amount is no number
  const rounded: number = account.balance;
  demand(typeof rounded === 'bigint', 'an amount stays a bigint whatever the types say');
  demand(formatOcta(balance, 2) === '31.43', 'the amount is formatted');

  const { data } = await client.api.GET('/accounts/balance');
  const same: bigint | undefined = data?.balance;
  demand(same === balance, 'the low-level client is exact too');

  const start: StartMrOptions = { node_id: 1, disk_size: 5, image: 'ubuntu' };
  const uuid: string = await client.services.mr.start(start).then(
    (session) => session.uuid,
    () => 'refused',
  );
  demand(uuid === 'refused', 'the start is refused');

  const sessions: Session[] = await client.sessions.list({ recent: true });
  const charge: bigint | undefined = sessions[0]?.charge_amount;
  demand(charge === 31428028938060847852n, 'the charge is exact');

  const missing: unknown = await client.nodes.get(404).catch((error: unknown) => error);
  demand(missing instanceof OctaNotFoundError && isNotFound(missing), 'the node is not there');
  const status: number = missing.status;
  demand(status === 404, 'the status is known');

  const { baseUrls, activeCalls }: TransportStats = client.transportStats();
  demand(baseUrls[0]?.state === 'healthy' && activeCalls === 0, 'the transport is well');
  const closing: Promise<void> = client[Symbol.asyncDispose]();
  await closing;
  demand(client.closed, 'the client is closed');
}

void main();
