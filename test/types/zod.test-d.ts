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

/** Without what zod's objects add: other fields, and undefined as the value of a field that may be absent; nothing is read-only. */
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

test('Every model has a schema, whose type is that of the model.', () => {
  expectTypeOf<Different>().toEqualTypeOf<never>();
});

test('Every model is what its schema takes and gives.', () => {
  expectTypeOf<NotTaken>().toEqualTypeOf<never>();
});

test('The comparison sees other types, optional fields and lacking fields.', () => {
  expectTypeOf<Same<Closed<{ a: string }>, Closed<{ a: number }>>>().toEqualTypeOf<false>();
  expectTypeOf<Same<Closed<{ a: string }>, Closed<{ a?: string }>>>().toEqualTypeOf<false>();
  expectTypeOf<Same<Closed<{ a: string }>, Closed<{ a: string; b: string }>>>().toEqualTypeOf<false>();
  expectTypeOf<Same<Closed<{ a: bigint[] }>, Closed<{ a: number[] }>>>().toEqualTypeOf<false>();
});

test('Amounts are bigints, and new fields are unknown.', () => {
  expectTypeOf<z.infer<typeof sdkZod.AccountSchema>['balance']>().toEqualTypeOf<Account['balance']>();
  expectTypeOf<z.infer<typeof sdkZod.AccountSchema>['brand_new']>().toEqualTypeOf<unknown>();
});

test('A batch is a list of its items.', () => {
  expectTypeOf<z.infer<typeof sdkZod.StartMrBodySchema>>().toEqualTypeOf<
    z.infer<typeof sdkZod.StartMrRequestSchema>[]
  >();
  expectTypeOf<Pick<StartMrRequest, 'image'>>().toEqualTypeOf<
    Pick<z.infer<typeof sdkZod.StartMrRequestSchema>, 'image'>
  >();
});

/** What methods take, and what the schemas of it give. */
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

test('What the schemas of options give, methods take.', () => {
  expectTypeOf<DifferentOptions>().toEqualTypeOf<never>();
});

test('Methods take what those schemas give, also where an optional field is not an undefined one.', () => {
  expectTypeOf<InferredOptions<'StartMr'>>().toExtend<StartMrOptions>();
  expectTypeOf<InferredOptions<'StartRender'>>().toExtend<StartRenderOptions>();
  expectTypeOf<InferredOptions<'StartVpn'>>().toExtend<StartVpnOptions>();
  expectTypeOf<StartMrOptions>().toExtend<InferredOptions<'StartMr'>>();
  expectTypeOf<StartRenderOptions>().toExtend<InferredOptions<'StartRender'>>();
  expectTypeOf<StartVpnOptions>().toExtend<InferredOptions<'StartVpn'>>();
  expectTypeOf<{ node_id: number; disk_size: number; image: undefined }>().not.toExtend<InferredOptions<'StartMr'>>();
});

test('A validator is what the client takes.', () => {
  expectTypeOf(validator('report')).toEqualTypeOf<AnswerValidator>();
  new OctaClient({ validate: validator('strict') });
  // @ts-expect-error there is no such mode
  validator('loose');
  // @ts-expect-error a mode is needed
  validator();
  // @ts-expect-error a mode alone is no validator
  new OctaClient({ validate: 'strict' });
});
