/** Unpacks logs, for calls that return one. Bundles without such calls do not include this. */
import { readLog } from '../codec/gzip.ts';
import type { ReadLog } from './call-types.ts';

/** Reads logs of up to `maxBytes` unpacked bytes. Default 64 MiB. */
export function logReader(maxBytes?: number): ReadLog {
  return (packed) => readLog(packed, maxBytes);
}
