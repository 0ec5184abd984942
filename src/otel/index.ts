/** Spans and metrics of OpenTelemetry for what a client does. */
export { type InstrumentOptions, instrument } from './instrument.ts';
