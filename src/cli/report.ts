/** Reports the error that ended a command. */
import { isApiError, isOctaError, OctaConfigurationError } from '../index.ts';
import { Failure, Misuse } from './arguments.ts';
import { type CommandIo, exitCodes, tell, writeJson } from './io.ts';

/** Whether the arguments or the environment are wrong, so that nothing was sent. */
function isMisuse(error: unknown): boolean {
  return error instanceof Misuse || error instanceof OctaConfigurationError;
}

/** Whether the message is enough without a stack: an error of the SDK, or of the system, such as a folder that cannot be read. */
function isExpected(error: unknown): error is Error {
  const isOurs = error instanceof Misuse || error instanceof Failure || isOctaError(error);
  return isOurs || (error instanceof Error && 'syscall' in error);
}

/**
 * Reports an error in one line. Returns the exit code: `failed`, unless it is misuse. Without `--json`, throws an unexpected error
 * again, so that its stack is shown.
 */
export function report(error: unknown, io: CommandIo, failed: number): number {
  const exitCode = isMisuse(error) ? exitCodes.misused : failed;
  const { reword = (each) => each } = io;
  if (io.json) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const { status, code, requestId } = isApiError(error) ? error : {};
    writeJson(io.stderr, { error: { name, message: reword(message), status, code, requestId, exitCode } });
  } else if (isExpected(error)) tell(io, reword(error.message));
  else throw error;
  return exitCode;
}
