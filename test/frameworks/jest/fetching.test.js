import { OctaClient } from '@octaspace/sdk';

test('a component may ask a real server', async () => {
  expect(typeof document).toBe('object');
  const client = OctaClient.fromEnv();
  expect(typeof (await client.accounts.balance({ signal: new AbortController().signal })).balance).toBe('bigint');
});
