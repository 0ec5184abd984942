import { describe, expect, test } from 'vitest';
import { OctaConfigurationError, toJson, type UpdateNodePricesOptions } from '../../src/index.ts';
import { clientFor } from '../support/calls.ts';
import { failure } from '../support/failure.ts';
import { json, serve } from '../support/server.ts';

const answering = (text: string) => serve((_, response) => json(response, text));

describe('A balance is exact', () => {
  test.each([
    ['as a bare number beyond 2^64', '{"balance":31428028938060847852}', 31428028938060847852n],
    ['as text', '{"balance":"31428028938060847852"}', 31428028938060847852n],
    ['as a bare number beyond 2^53', '{"balance":9007199254740993}', 9007199254740993n],
    ['as a small number', '{"balance":7}', 7n],
    ['as nothing', '{"balance":0}', 0n],
    ['below nothing', '{"balance":-31428028938060847852}', -31428028938060847852n],
    ['with many more digits', `{"balance":1${'0'.repeat(60)}1}`, 10n ** 61n + 1n],
  ])('%s.', async (_, text, want) => {
    await using server = await answering(text);
    expect((await clientFor(server).accounts.balance()).balance).toBe(want);
  });
});

test('Charges in a list are exact, in every form.', async () => {
  await using server = await answering(
    '[{"uuid":"a","charge_amount":31428028938060847852},{"uuid":"b","charge_amount":"31428028938060847853"},' +
      '{"uuid":"c","charge_amount":12},{"uuid":"d"},{"uuid":"e","charge_amount": 9007199254740993 }]',
  );
  const sessions = await clientFor(server).sessions.list({ recent: true });
  expect(sessions.map((session) => session.charge_amount)).toEqual([
    31428028938060847852n,
    31428028938060847853n,
    12n,
    undefined,
    9007199254740993n,
  ]);
});

test('A response can be serialized again without losing a digit.', async () => {
  await using server = await answering('{"balance": 31428028938060847852, "new": 18446744073709551617}');
  const { data, response } = await clientFor(server).accounts.balance().withResponse();
  expect(toJson(data)).toBe('{"balance":"31428028938060847852","new":"18446744073709551617"}');
  expect(response.text).toBe('{"balance": 31428028938060847852, "new": 18446744073709551617}');
});

describe('Prices', () => {
  test('arrive digit for digit, as bigints, numbers or strings.', async () => {
    await using server = await answering('{}');
    const prices = { base: 31428028938060847852n, storage: 9007199254740991, traffic: '1180591620717411303424' };
    await clientFor(server).nodes.updatePrices(7, prices);
    expect(server.received.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual([
      'PATCH /nodes/7/prices {"base":31428028938060847852,"storage":9007199254740991,"traffic":1180591620717411303424}',
    ]);
  });

  test.each([
    [{ base: 0 }, '{"base":0}'],
    [{ base: '0' }, '{"base":0}'],
    [{ base: ' 007 ' }, '{"base":7}'],
    [{ base: 1e21 }, '{"base":1000000000000000000000}'],
    [{ base: 1n, storage: undefined }, '{"base":1}'],
  ])('%o are sent as %s.', async (prices, body) => {
    await using server = await answering('{}');
    // What a caller without exact optional types may pass.
    await clientFor(server).nodes.updatePrices(7, prices as UpdateNodePricesOptions);
    expect(server.received.map((request) => request.body)).toEqual([body]);
  });

  test.each<[unknown]>([
    [-1n],
    [-1],
    [1.5],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    ['1.5'],
    ['1e3'],
    ['-1'],
    [''],
    ['0x10'],
    [true],
    [{}],
    [null],
  ])('of %o are refused before anything is sent.', async (base) => {
    await using server = await answering('{}');
    // What a caller without types may pass.
    const error = await failure(
      clientFor(server).nodes.updatePrices(7, { base: base as never }),
      OctaConfigurationError,
    );
    expect(error.message).toMatch(/^base is .*; allowed: a whole number, 0 or more, as a bigint/);
    expect(server.received).toEqual([]);
  });
});
