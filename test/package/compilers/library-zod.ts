/** The same with schemas, which are made part of others. */
import { AccountSchema, StartAppOptionsSchema, StartImageOptionsSchema, validator } from '@octaspace/sdk/zod';
import * as z from 'zod';

export { AccountSchema };
export const OrderSchema = z.object({ account: AccountSchema, start: StartImageOptionsSchema });
export type Order = z.infer<typeof OrderSchema>;
export const strict = validator('strict');
export const portsOf = (value: unknown) => StartAppOptionsSchema.parse(value).app.ports;
export const balanceOf = (order: Order): bigint => order.account.balance;
