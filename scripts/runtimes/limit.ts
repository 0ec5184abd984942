/** How long a lane may take. */
import { Failed } from '../package/run.ts';

/** Unit: ms. */
export const limitMs = 120_000;

/** Fails when something takes too long; what it is goes on. */
export async function withinLimit<Result>(what: string, work: Promise<Result>, ms: number = limitMs): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Failed(`${what} took longer than ${ms / 1000} s`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
