/** Every call of the SDK. */
import { generalCalls, nodeCalls, sessionListCalls } from './reads.ts';
import { serviceCalls } from './services.ts';
import type { SdkCall } from './types.ts';

export const calls: readonly SdkCall[] = [...generalCalls, ...nodeCalls, ...sessionListCalls, ...serviceCalls];
