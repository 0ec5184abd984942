/** The code of the last action on each session. */
import { createStore, useStore } from './store.ts';

const done = createStore<Readonly<Record<string, string>>>({});

const beginning = `import { OctaClient } from '@octaspace/sdk';

const client = OctaClient.fromEnv();
`;

/** Stores the code that started a session, as a whole program. */
export function recordStart(uuid: string, code: string): void {
  recordDone(uuid, beginning + code);
}

/** Stores the code of an action on a session. */
export function recordDone(uuid: string, code: string): void {
  done.set({ ...done.get(), [uuid]: code });
}

/** The code of the last action on a session in this page. */
export function useDone(uuid: string): string | undefined {
  return useStore(done)[uuid];
}
