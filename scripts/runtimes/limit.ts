/** Time limits of lanes. */
import { Failed } from '../package/run.ts';

/** Unit: ms. */
export const limitMs = 120_000;

/** Rejects if a promise takes too long. Does not stop its work. */
export async function withinLimit<Result>(what: string, work: Promise<Result>, ms: number = limitMs): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Failed(`${what} took longer than ${ms / 1000} s`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
