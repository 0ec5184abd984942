import { OctaNetworkError, toJson } from '@octaspace/sdk';
import { OctaSimulator } from '@octaspace/sdk/testing';
import { validator } from '@octaspace/sdk/zod';
import { QueryClient } from '@tanstack/query-core';
import { client, queries } from './octa';

const describe = (error) => `${error.name} ${error instanceof OctaNetworkError}`;

globalThis.run = async () => {
  const machines = await new QueryClient().fetchQuery(queries.services.mr.find({ minGpus: 1 }));
  const { balance } = await client.accounts.balance();
  const failure = await client.nodes.get(999_999).catch(describe);
  return toJson({ balance, machines, failure, loaded: [typeof OctaSimulator, typeof validator] });
};
