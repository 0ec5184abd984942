import { describe, expect, test, vi } from 'vitest';
import { OctaApiError, OctaNotFoundError, OctaResponseError, OctaTimeoutError } from '../../../src/errors/errors.ts';
import { answers } from '../../../src/transport/answers.ts';
import type { BodyForm, Reply } from '../../../src/transport/types.ts';
import { failure } from '../../support/failure.ts';
import { aCall, anAttempt, aReply, secretsOf } from '../../support/transport.ts';

const parseError = (text: string): unknown => JSON.parse(text);
const parse = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

function read(reply: Reply, bodyForm: BodyForm = 'json'): Promise<Reply> {
  return answers({ parse, parseError })(async () => reply)(aCall({ bodyForm }), anAttempt());
}

test('A success is parsed, and keeps its text.', async () => {
  expect(await read(aReply({ text: '{"id":7}' }))).toMatchObject({ parsed: { id: 7 }, text: '{"id":7}' });
});

test.each([[200], [299]])('%d is a success.', async (status) => {
  expect(await read(aReply({ status, text: '[7]' }))).toMatchObject({ status, parsed: [7] });
});

test('A success keeps all other information about the response.', async () => {
  const reply = aReply({ text: '[7]', durationMs: 34, attempt: 3 });
  expect(await read(reply)).toStrictEqual({ ...reply, parsed: [7] });
});

describe('A success that may be empty', () => {
  test.each([[''], [' \n']])('is not parsed if it is: %j.', async (text) => {
    const reply = aReply({ text });
    expect(await read(reply, 'json-or-nothing')).toBe(reply);
  });

  test('is parsed if it is not empty.', async () => {
    expect(await read(aReply({ text: ' {"id":7}' }), 'json-or-nothing')).toMatchObject({ parsed: { id: 7 } });
  });

  test('must be JSON if it is not empty.', async () => {
    const error = await failure(read(aReply({ text: 'fine' }), 'json-or-nothing'), OctaResponseError);
    expect(error.message).toBe('getNode: expected JSON, but the 200 response contains invalid JSON');
  });
});

test.each<[BodyForm]>([['bytes'], ['text'], ['unread']])(
  'A success with the body form %s is not parsed.',
  async (form) => {
    const reply = aReply({ text: 'no JSON' });
    expect(await read(reply, form)).toBe(reply);
  },
);

describe('A success that is not JSON', () => {
  test.each([
    ['says that it is empty', '', 'has an empty body', false],
    ['says that it is blank', ' \n', 'has an empty body', false],
    ['says that it is a web page', '\n<!doctype html><p>Hello</p>', 'is a web page', false],
    ['says that it is a web page, however many brackets it opens', '<script>{[', 'is a web page', false],
    ['says that it is invalid when only its end looks like JSON', 'fine {', 'contains invalid JSON', false],
    ['says that it is invalid', '{"id":}', 'contains invalid JSON', false],
    ['says that it is invalid when it is no object and no list', '"id', 'contains invalid JSON', false],
    ['is whole, whatever its texts hold', '{"a":"[{\\"[","b":1,}', 'contains invalid JSON', false],
    ['was cut off within a text', '{"a":"}\\"}', 'contains truncated JSON', true],
    ['was cut off within an object', '{"id":', 'contains truncated JSON', true],
    ['was cut off within a list', ' [{"id":1},', 'contains truncated JSON', true],
    ['was cut off right after an item of a list', '[{"id":1}', 'contains truncated JSON', true],
    ['was cut off right after a list in an object', '{"ports":[22]', 'contains truncated JSON', true],
    ['was cut off right after an object in an object', '{"prices":{"base":1}', 'contains truncated JSON', true],
  ])('%s.', async (_, text, what, truncated) => {
    const error = await failure(read(aReply({ text })), OctaResponseError);
    expect(error.message).toBe(`getNode: expected JSON, but the 200 response ${what}`);
    expect(error).toMatchObject({ truncated, outcome: 'unknown' });
    expect(error.cause).toBeInstanceOf(SyntaxError);
    expect(error.request).toEqual({ operation: 'getNode', method: 'GET', url: 'https://api.test/nodes/7' });
  });
});

test('The cause is the error of the parser.', async () => {
  const thrown = new SyntaxError('at character 7');
  const fails = (): never => {
    throw thrown;
  };
  const policy = answers({ parse: fails, parseError })(async () => aReply({ text: '{}' }));
  expect((await failure(policy(aCall(), anAttempt()), OctaResponseError)).cause).toBe(thrown);
});

describe('A status that is not a success', () => {
  test.each([
    ['brings its parsed body', '{"message":"gone"}', { message: 'gone' }],
    ['brings its text when that is no JSON', 'gone', 'gone'],
    ['brings an empty text when there is no body', '', ''],
  ])('%s.', async (_, text, body) => {
    const error = await failure(read(aReply({ status: 404, text })), OctaNotFoundError);
    expect(error).toMatchObject({ status: 404, body, outcome: 'rejected' });
    expect(error.request).toEqual({ operation: 'getNode', method: 'GET', url: 'https://api.test/nodes/7' });
  });

  test.each([[199], [300], [302], [304]])('%d is also an error.', async (status) => {
    expect(await failure(read(aReply({ status })), OctaApiError)).toMatchObject({ status, outcome: 'unknown' });
  });

  test('408 is a timeout error.', async () => {
    expect(await failure(read(aReply({ status: 408 })), OctaTimeoutError)).toMatchObject({ timeout: 'server' });
  });

  test('is parsed with the parser for errors, for any body form.', async () => {
    const parseGone = vi.fn(() => ({ message: 'gone' }));
    const policy = answers({ parse, parseError: parseGone })(async () =>
      aReply({ status: 404, text: '{"message":1}' }),
    );
    const error = await failure(policy(aCall({ bodyForm: 'bytes' }), anAttempt()), OctaNotFoundError);
    expect(parseGone).toHaveBeenCalledExactlyOnceWith('{"message":1}');
    expect(error.body).toEqual({ message: 'gone' });
  });
});

describe('The key is removed from the error of a response:', () => {
  const key = 'octa-secret-1';
  const redactor = secretsOf(key);

  test.each([
    [
      'in JSON',
      `{"message":"${key} is unknown","${key}":["${key}"]}`,
      { message: '[API key] is unknown', '[API key]': ['[API key]'] },
    ],
    ['in text', `${key} is unknown`, '[API key] is unknown'],
    ['in JSON that is text', `"${key} is unknown"`, '[API key] is unknown'],
  ])('%s.', async (_, text, body) => {
    expect((await failure(read(aReply({ status: 404, text, redactor })), OctaNotFoundError)).body).toEqual(body);
  });

  test('in the cause of a success that is not JSON.', async () => {
    const error = await failure(read(aReply({ text: key, redactor })), OctaResponseError);
    expect(error.cause).toMatchObject({ name: 'SyntaxError', message: expect.stringContaining('[API key]') });
  });
});
