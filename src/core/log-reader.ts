/** Reading of packed logs, for the calls that give one; bundles without such calls do without. */
import { readLog } from '../codec/gzip.ts';
import type { ReadLog } from './call-types.ts';

/** Reads logs of up to so many bytes, unpacked; 64 MiB if nothing is said. */
export function logReader(maxBytes?: number): ReadLog {
  return (packed) => readLog(packed, maxBytes);
}
