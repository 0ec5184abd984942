/** OpenTelemetry spans and metrics for the requests of a client. */
export { instrument } from './instrument.ts';
export type { InstrumentOptions } from './instruments.ts';
