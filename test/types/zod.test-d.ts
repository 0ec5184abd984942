/** The types of the zod schemas against those of the SDK. */
import { expectTypeOf, test } from 'vitest';
import type * as z from 'zod/mini';
import type { Models } from '../../generated/schema.ts';
import {
  type Account,
  OctaClient,
  type StartMrOptions,
  type StartMrRequest,
  type StartRenderOptions,
  type StartVpnOptions,
} from '../../src/index.ts';
import type * as sdkZod from '../../src/zod/index.ts';
import { type AnswerValidator, validator } from '../../src/zod/index.ts';

type ModelName = keyof Models;

/** Without the additions of zod's objects: other fields, and undefined as the value of an optional field; nothing is read-only. */
type Closed<Value> = Value extends readonly (infer Item)[]
  ? Closed<Item>[]
  : Value extends object
    ? {
        -readonly [Key in keyof Value as string extends Key ? (unknown extends Value[Key] ? never : Key) : Key]: Closed<
          Exclude<Value[Key], undefined>
        >;
      }
    : Value;

type Inferred<Name extends ModelName> = z.infer<(typeof sdkZod)[`${Name}Schema`]>;
type Same<Left, Right> =
  (<Any>() => Any extends Left ? 1 : 2) extends <Any>() => Any extends Right ? 1 : 2 ? true : false;
type Different = {
  [Name in ModelName]: Same<Closed<Inferred<Name>>, Closed<Models[Name]>> extends true ? never : Name;
}[ModelName];
type NotTaken = { [Name in ModelName]: Closed<Models[Name]> extends Inferred<Name> ? never : Name }[ModelName];

test('Every model has a schema with the type of the model.', () => {
  expectTypeOf<Different>().toEqualTypeOf<never>();
});

test('Every model is the input and output of its schema.', () => {
  expectTypeOf<NotTaken>().toEqualTypeOf<never>();
});

test('The comparison detects different types, optional fields and missing fields.', () => {
  expectTypeOf<Same<Closed<{ a: string }>, Closed<{ a: number }>>>().toEqualTypeOf<false>();
  expectTypeOf<Same<Closed<{ a: string }>, Closed<{ a?: string }>>>().toEqualTypeOf<false>();
  expectTypeOf<Same<Closed<{ a: string }>, Closed<{ a: string; b: string }>>>().toEqualTypeOf<false>();
  expectTypeOf<Same<Closed<{ a: bigint[] }>, Closed<{ a: number[] }>>>().toEqualTypeOf<false>();
});

test('Amounts are bigints, and new fields are unknown.', () => {
  expectTypeOf<z.infer<typeof sdkZod.AccountSchema>['balance']>().toEqualTypeOf<Account['balance']>();
  expectTypeOf<z.infer<typeof sdkZod.AccountSchema>['brand_new']>().toEqualTypeOf<unknown>();
});

test('A batch is an array of its items.', () => {
  expectTypeOf<z.infer<typeof sdkZod.StartMrBodySchema>>().toEqualTypeOf<
    z.infer<typeof sdkZod.StartMrRequestSchema>[]
  >();
  expectTypeOf<Pick<StartMrRequest, 'image'>>().toEqualTypeOf<
    Pick<z.infer<typeof sdkZod.StartMrRequestSchema>, 'image'>
  >();
});

/** The parameters of methods, and the outputs of their schemas. */
interface Options {
  StartMr: StartMrOptions;
  StartImage: StartMrOptions;
  StartRender: StartRenderOptions;
  StartVpn: StartVpnOptions;
  StartPlainVpn: StartVpnOptions;
  StartV2ray: StartVpnOptions;
}
type InferredOptions<Name extends keyof Options> = z.infer<(typeof sdkZod)[`${Name}OptionsSchema`]>;
type DifferentOptions = {
  [Name in keyof Options]: InferredOptions<Name> extends Options[Name] ? never : Name;
}[keyof Options];

test('Methods accept the outputs of the schemas of options.', () => {
  expectTypeOf<DifferentOptions>().toEqualTypeOf<never>();
});

test('Methods accept the outputs of those schemas, also with exact optional fields.', () => {
  expectTypeOf<InferredOptions<'StartMr'>>().toExtend<StartMrOptions>();
  expectTypeOf<InferredOptions<'StartRender'>>().toExtend<StartRenderOptions>();
  expectTypeOf<InferredOptions<'StartVpn'>>().toExtend<StartVpnOptions>();
  expectTypeOf<StartMrOptions>().toExtend<InferredOptions<'StartMr'>>();
  expectTypeOf<StartRenderOptions>().toExtend<InferredOptions<'StartRender'>>();
  expectTypeOf<StartVpnOptions>().toExtend<InferredOptions<'StartVpn'>>();
  expectTypeOf<{ node_id: number; disk_size: number; image: undefined }>().not.toExtend<InferredOptions<'StartMr'>>();
});

test('A validator is an option of the client.', () => {
  expectTypeOf(validator('report')).toEqualTypeOf<AnswerValidator>();
  new OctaClient({ validate: validator('strict') });
  // @ts-expect-error unknown mode
  validator('loose');
  // @ts-expect-error a mode is required
  validator();
  // @ts-expect-error a mode alone is not a validator
  new OctaClient({ validate: 'strict' });
});
