/** Every option has a visible effect. */
import { describe, expect, test } from 'vitest';
import { behaviours } from './all.ts';

describe.each(Object.entries(behaviours))('%s', (_, options) => {
  test.each(options)('$name changes what happens', async ({ name, given, see, without, with: wanted }) => {
    expect(wanted).not.toEqual(without);
    expect(await see({})).toEqual(without);
    expect(await see({ [name]: given })).toEqual(wanted);
  });
});
