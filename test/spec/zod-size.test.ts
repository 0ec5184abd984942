/** What a bundle holds of the schemas. */
import { expect, test } from 'vitest';
import { bundleOf } from '../support/bundle.ts';

/** Size of a bundle, minified and gzipped. Unit: bytes. */
async function sizeOf(contents: string): Promise<number> {
  const { bytes } = await bundleOf(contents);
  return bytes;
}

const uses = (name: string) => `import { ${name} } from './src/zod/index.ts'; console.log(${name});`;

test('One schema is as small as one written by hand.', async () => {
  const byHand = `import * as z from 'zod/mini'; console.log(z.looseObject({ a: z.bigint(), b: z.optional(z.string()) }));`;
  const one = await sizeOf(uses('BalanceSchema'));
  expect(one).toBeLessThan((await sizeOf(byHand)) + 100);
  expect(one).toBeLessThan(5_500);
});

test('All schemas and the validator cost little more than zod.', async () => {
  const all = await sizeOf("import * as all from './src/zod/index.ts'; console.log(all);");
  expect(all).toBeLessThan(13_000);
  expect(await sizeOf(uses('BalanceSchema'))).toBeLessThan(all / 2);
});

test('Unused schemas are not in the bundle.', async () => {
  expect(await sizeOf("import { BalanceSchema, validator } from './src/zod/index.ts'; console.log(1);")).toBeLessThan(
    100,
  );
});

test('The client does not include zod, with any validator.', async () => {
  const { inputs } = await bundleOf("export * from './src/index.ts';");
  expect(inputs.filter((name) => /zod/.test(name))).toEqual([]);
});
