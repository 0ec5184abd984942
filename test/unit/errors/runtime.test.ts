import { expect, test } from 'vitest';
import { OctaConfigurationError } from '../../../src/errors/errors.ts';
import { requireGlobals } from '../../../src/errors/runtime.ts';

test('Existing globals pass.', () => {
  expect(() => requireGlobals('a client', ['URL', 'setTimeout'])).not.toThrow();
});

test('Globals that are missing are named, and only those.', () => {
  const needed = () => requireGlobals('a client', ['URL', 'Teleporter', 'Replicator']);
  expect(needed).toThrow(OctaConfigurationError);
  expect(needed).toThrow(
    'a client needs Teleporter, Replicator, which this runtime does not have; load a polyfill first',
  );
});
