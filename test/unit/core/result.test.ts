import { expect, test } from 'vitest';
import { operations } from '../../../generated/operations.ts';
import { readResult } from '../../../src/core/result.ts';
import { createLog } from '../../../src/transport/log.ts';
import { Secrets } from '../../../src/transport/secrets.ts';
import { aReply } from '../../support/transport.ts';

test('A log without readLog is an error of the SDK, not of the API.', async () => {
  const options = { onDrift: undefined, validate: undefined, log: createLog(console, 'silent', new Secrets()) };
  const message = 'getIdleJobLogs returns a log, but the call has no readLog';
  await expect(readResult({ row: operations.getIdleJobLogs }, aReply({}), options)).rejects.toThrow(
    new TypeError(message),
  );
});
