/** Schemas of method arguments that differ from the request body. */

import type { StartMrOptions, StartRenderOptions, StartVpnOptions } from '@octaspace/sdk';
import * as z from 'zod/mini';
import {
  AppSchema,
  StartMrRequestSchema,
  StartRenderRequestSchema,
  StartVpnRequestSchema,
  VpnProtocolSchema,
} from '../../generated/zod.ts';

type MrShape = (typeof StartMrRequestSchema)['shape'];
type VpnShape = (typeof StartVpnRequestSchema)['shape'];

/** A shape with some fields replaced. */
type Replaced<Shape, Others> = Omit<Shape, keyof Others> & Others;

/** The argument of `mr.start` with an image. */
export const StartImageOptionsSchema: z.ZodMiniObject<Omit<MrShape, 'id'>, z.core.$loose> = /* @__PURE__ */ z.omit(
  StartMrRequestSchema,
  { id: true },
);

/** The argument of `mr.start` with an app, which supplies the omitted fields. */
export const StartAppOptionsSchema: z.ZodMiniObject<
  Replaced<
    Omit<MrShape, 'id'>,
    {
      app: typeof AppSchema;
      disk_size: z.ZodMiniOptional<MrShape['disk_size']>;
      image: z.ZodMiniOptional<MrShape['image']>;
    }
  >,
  z.core.$loose
> = /* @__PURE__ */ z.extend(/* @__PURE__ */ z.partial(StartImageOptionsSchema, { disk_size: true, image: true }), {
  app: AppSchema,
});

/** Whether the disk size is known. */
function hasDiskSize({
  disk_size: given,
  app,
}: {
  readonly disk_size?: number | undefined;
  readonly app?: string | z.infer<typeof AppSchema> | undefined;
}): boolean {
  return given !== undefined || typeof app !== 'object' || (app.extra?.min_disk_size ?? 0) > 0;
}

/**
 * The argument of `mr.start`: a machine, and an image or an app. Like the method, it accepts an app with another image and without `disk_size`,
 * which the type does not allow. A value that matches neither form is one issue for both forms; the schema of one form names the
 * fields.
 */
export const StartMrOptionsSchema: z.ZodMiniType<StartMrOptions> = /* @__PURE__ */ z
  .union([StartImageOptionsSchema, StartAppOptionsSchema], {
    error: 'Must be a machine with an image or with an app',
  })
  .check(
    /* @__PURE__ */ z.refine(hasDiskSize, {
      path: ['disk_size'],
      error: 'Required, because the app does not state its minimum disk size',
    }),
  ) as z.ZodMiniType as z.ZodMiniType<StartMrOptions>;

/** The argument of `render.start`. */
export const StartRenderOptionsSchema: z.ZodMiniType<StartRenderOptions> = StartRenderRequestSchema;

/** The argument of `vpn.start` for a relay without V2Ray. */
export const StartPlainVpnOptionsSchema: z.ZodMiniObject<
  Replaced<
    VpnShape,
    {
      subkind: z.ZodMiniOptional<z.ZodMiniEnum<{ wg: 'wg'; openvpn: 'openvpn'; ss: 'ss'; http_proxy: 'http_proxy' }>>;
      protocol: z.ZodMiniOptional<z.ZodMiniNever>;
    }
  >,
  z.core.$loose
> = /* @__PURE__ */ z.extend(StartVpnRequestSchema, {
  subkind: /* @__PURE__ */ z.optional(/* @__PURE__ */ z.enum(['wg', 'openvpn', 'ss', 'http_proxy'])),
  protocol: /* @__PURE__ */ z.optional(/* @__PURE__ */ z.never()),
});

/** The argument of `vpn.start` for a relay with V2Ray. */
export const StartV2rayOptionsSchema: z.ZodMiniObject<
  Replaced<VpnShape, { subkind: z.ZodMiniLiteral<'v2ray'> }>,
  z.core.$loose
> = /* @__PURE__ */ z.extend(StartVpnRequestSchema, {
  subkind: /* @__PURE__ */ z.literal('v2ray'),
  protocol: /* @__PURE__ */ z.optional(VpnProtocolSchema),
});

/** The argument of `vpn.start`. Only V2Ray has a `protocol`. */
export const StartVpnOptionsSchema: z.ZodMiniType<StartVpnOptions> = /* @__PURE__ */ z.discriminatedUnion('subkind', [
  StartPlainVpnOptionsSchema,
  StartV2rayOptionsSchema,
]);
