import { expect, test } from 'vitest';
import { isOwnTransport, readMark, transportMark } from '../../../src/transport/own-transport.ts';

const marked = (mark: unknown): object => Object.assign(() => undefined, { [transportMark]: mark });

test.each<[title: string, value: unknown, want: boolean]>([
  ['a function with the mark is one', marked(true), true],
  ['a function with something else as the mark is none', marked('true'), false],
  ['a function is none', fetch, false],
  ['an object with the mark is none', { [transportMark]: true }, false],
  ['nothing is none', undefined, false],
  ['null is none', null, false],
])("Is it one of the SDK's own transports? %s.", (_, value, want) => {
  expect(isOwnTransport(value)).toBe(want);
});

test('Other copies of the package use the same marks.', () => {
  expect(transportMark).toBe(Symbol.for('@octaspace/sdk/transport'));
  expect(readMark).toBe(Symbol.for('@octaspace/sdk/read'));
});
