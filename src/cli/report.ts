/** What is said when a command ends by an error. */
import { isApiError, isOctaError, OctaConfigurationError } from '../index.ts';
import { Failure, Misuse } from './arguments.ts';
import { type CommandIo, exitCodes, tell, writeJson } from './io.ts';

/** Whether a command was used wrongly, so that nothing was sent. */
function isMisuse(error: unknown): boolean {
  return error instanceof Misuse || error instanceof OctaConfigurationError;
}

/** Whether the message says enough: an error of the SDK, or of the system, such as a folder that cannot be read. */
function isExpected(error: unknown): error is Error {
  const isOurs = error instanceof Misuse || error instanceof Failure || isOctaError(error);
  return isOurs || (error instanceof Error && 'syscall' in error);
}

/**
 * Reports the error that ended a command, in one line. Returns the exit code: `failed`, unless it is misuse. Throws the error again if
 * people read, and it is a bug of this program.
 */
export function report(error: unknown, io: CommandIo, failed: number): number {
  const exitCode = isMisuse(error) ? exitCodes.misused : failed;
  if (io.json) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const { status, code, requestId } = isApiError(error) ? error : {};
    writeJson(io.stderr, { error: { name, message, status, code, requestId, exitCode } });
  } else if (isExpected(error)) tell(io, error.message);
  else throw error;
  return exitCode;
}
