/** An application in TypeScript that keeps answers in a QueryClient, with query-core installed. */
import { OctaClient, type Session } from '@octaspace/sdk';
import { deserialize, type OctaQuery, octaQueries, serialize } from '@octaspace/sdk/query';
import { QueryClient } from '@tanstack/query-core';

declare const process: { readonly env: { readonly OCTA_TEST_URL?: string } };

function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`not so: ${what}`);
}

async function main(): Promise<void> {
  const client = new OctaClient({ apiKey: 'consumer-key', baseUrl: process.env.OCTA_TEST_URL });
  const queries = octaQueries(client, { scope: 'consumer' });
  const query: OctaQuery<Session[]> = queries.sessions.list({ recent: true });
  const queryClient = new QueryClient();
  const sessions = await queryClient.fetchQuery(query);
  const charge: bigint | undefined = sessions[0]?.charge_amount;
  demand(charge === 31428028938060847852n, 'the charge is exact');
  const kept = queryClient.getQueryData(query.queryKey);
  const same: Session | undefined = kept?.[0];
  demand(same?.charge_amount === charge, 'the data is under its key');
  // @ts-expect-error the data is a list of sessions
  const wrong: string = kept;
  demand(typeof wrong === 'object', 'the data stays what it is');
  const read: typeof kept = deserialize(serialize(kept));
  demand(read?.[0]?.charge_amount === charge, 'text keeps the charge');
  await queryClient.invalidateQueries({ queryKey: queries.sessions.key });
  demand(
    queryClient.getQueryState(query.queryKey)?.isInvalidated === true,
    'the key of a resource is that of its data',
  );
  queryClient.clear();
}

void main();
