/** Schemas of what is given to methods, where the body that is sent is another. */

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

/** A shape with other schemas for some of its fields. */
type Replaced<Shape, Others> = Omit<Shape, keyof Others> & Others;

/** A machine to rent, and an image to run on it: one form of what `mr.start` takes. */
export const StartImageOptionsSchema: z.ZodMiniObject<Omit<MrShape, 'id'>, z.core.$loose> = /* @__PURE__ */ z.omit(
  StartMrRequestSchema,
  { id: true },
);

/** A machine to rent, and an app to run on it, which says what is left out: the other form of what `mr.start` takes. */
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

/** Whether it is known how much disk space to rent. */
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
 * What `mr.start` takes: a machine, and an image or an app. As the method does, it takes an app with an image that has no disk size, which
 * the type does not know. What fits neither is one issue for both forms; the schema of one of them
 * names the fields.
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

/** What `render.start` takes. */
export const StartRenderOptionsSchema: z.ZodMiniType<StartRenderOptions> = StartRenderRequestSchema;

/** A relay that speaks anything but V2Ray: one form of what `vpn.start` takes. */
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

/** A relay that speaks V2Ray: the other form of what `vpn.start` takes. */
export const StartV2rayOptionsSchema: z.ZodMiniObject<
  Replaced<VpnShape, { subkind: z.ZodMiniLiteral<'v2ray'> }>,
  z.core.$loose
> = /* @__PURE__ */ z.extend(StartVpnRequestSchema, {
  subkind: /* @__PURE__ */ z.literal('v2ray'),
  protocol: /* @__PURE__ */ z.optional(VpnProtocolSchema),
});

/** What `vpn.start` takes: a protocol goes with V2Ray alone. */
export const StartVpnOptionsSchema: z.ZodMiniType<StartVpnOptions> = /* @__PURE__ */ z.discriminatedUnion('subkind', [
  StartPlainVpnOptionsSchema,
  StartV2rayOptionsSchema,
]);
