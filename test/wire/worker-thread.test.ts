import { expect, test, vi } from 'vitest';
import { OctaClient } from '../../src/index.ts';
import { stopOnExit } from '../../src/node/index.ts';

vi.mock('node:worker_threads', () => ({ isMainThread: false, threadId: 3 }));

test('stopOnExit is refused in a worker thread without the reaper, because no signal reaches it there.', () => {
  expect(() => stopOnExit(new OctaClient())).toThrow('stopOnExit in a worker thread needs `reaper: true`');
});
