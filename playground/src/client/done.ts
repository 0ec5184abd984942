/** What was done last to each session, as code. */
import { createStore, useStore } from './store.ts';

const done = createStore<Readonly<Record<string, string>>>({});

const beginning = `import { OctaClient } from '@octaspace/sdk';

const client = OctaClient.fromEnv();
`;

/** Keeps the code that started a session, as a whole program. */
export function recordStart(uuid: string, code: string): void {
  recordDone(uuid, beginning + code);
}

/** Keeps the code of what was done to a session. */
export function recordDone(uuid: string, code: string): void {
  done.set({ ...done.get(), [uuid]: code });
}

/** The code of what was done last to a session in this page. */
export function useDone(uuid: string): string | undefined {
  return useStore(done)[uuid];
}
