/** Spans and metrics of OpenTelemetry for what a client does. */
export { instrument } from './instrument.ts';
export type { InstrumentOptions } from './instruments.ts';
