import { expect, test } from 'vitest';
import { jsonAnswer, recordingClient } from '../../support/recording.ts';
import { expectRequest, type Row } from './rows.ts';

const rows: readonly Row[] = [
  ['get reads the account', (client) => client.accounts.get(), 'GET /accounts'],
  ['balance reads the balance', (client) => client.accounts.balance(), 'GET /accounts/balance'],
  ['generateWallet posts without a body', (client) => client.accounts.generateWallet(), 'POST /accounts'],
  [
    'get sends additional parameters',
    (client) => client.accounts.get({ query: { fields: ['email', 'uid'] } }),
    'GET /accounts?fields=email&fields=uid',
  ],
  [
    'generateWallet sends additional fields and parameters',
    (client) => client.accounts.generateWallet({ query: { network: 'OCTA' }, body: { label: 'main' } }),
    'POST /accounts?network=OCTA {"label":"main"}',
  ],
];

test.each(rows)('%s', (...row) => expectRequest(row, '{}'));

test('The account keeps every digit of its balance, and unknown fields.', async () => {
  const { client } = recordingClient(() =>
    jsonAnswer('{"account_uuid":"a-1","email":"a@b.c","balance":31428028938060847852,"tier":"gold"}'),
  );
  expect(await client.accounts.get()).toEqual({
    account_uuid: 'a-1',
    email: 'a@b.c',
    balance: 31428028938060847852n,
    tier: 'gold',
  });
});
