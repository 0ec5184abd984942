/** Guards that the page has set on sessions. They run as long as the page is open. */
import type { GuardLimits, OctaClient, SessionGuard } from '@octaspace/sdk';
import { createStore, useStore } from './store.ts';

/** A guard and its state. */
export interface WatchedGuard {
  readonly guard: SessionGuard;
  readonly limits: GuardLimits;
  /** What ended it; absent while it runs. */
  readonly reason?: string;
}

const guards = createStore<Readonly<Record<string, WatchedGuard>>>({});

/** Sets a guard on a session, and replaces an earlier one. Throws OctaConfigurationError for a wrong limit. */
export function setGuard(client: OctaClient, uuid: string, limits: GuardLimits): void {
  const guard = client.services.session(uuid).guard(limits);
  releaseGuard(uuid);
  guards.set({ ...guards.get(), [uuid]: { guard, limits } });
  void guard.done.then(({ reason }) => {
    if (guards.get()[uuid]?.guard === guard) guards.set({ ...guards.get(), [uuid]: { guard, limits, reason } });
  });
}

export function releaseGuard(uuid: string): void {
  guards.get()[uuid]?.guard.release();
}

export function useGuard(uuid: string): WatchedGuard | undefined {
  return useStore(guards)[uuid];
}
