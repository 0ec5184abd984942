/** The tracer and the metrics. */
import {
  type Counter,
  type Histogram,
  type Meter,
  type MeterProvider,
  metrics,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { version } from '../core/version.ts';

/** Options of `instrument`. */
export interface InstrumentOptions {
  /** Creates spans. Default: the tracer `@octaspace/sdk` of the global provider, which is looked up for each attempt. */
  readonly tracer?: Tracer | undefined;
  /** Creates metrics. Default: the meter `@octaspace/sdk` of the global provider, which is looked up for each value. */
  readonly meter?: Meter | undefined;
}

/** Name of the tracer and the meter. */
export const name = '@octaspace/sdk';
/** Histogram buckets of the HTTP conventions. Unit: s. */
const boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

interface Metrics {
  readonly durations: Histogram;
  readonly drifts: Counter;
}

function metricsOf(meter: Meter): Metrics {
  return {
    durations: meter.createHistogram('http.client.request.duration', {
      description: 'Duration of HTTP client requests.',
      unit: 's',
      advice: { explicitBucketBoundaries: boundaries },
    }),
    drifts: meter.createCounter('octaspace.drift', { description: 'Fields that differ from the API specification.' }),
  };
}

/**
 * The current tracer and metrics. An application may set its providers after it makes the client, and may replace them. Once another
 * provider is global, nothing of the previous one is used.
 */
export class Instruments {
  readonly #given: InstrumentOptions;
  #source: Meter | MeterProvider | undefined;
  #metrics: Metrics | undefined;

  constructor(given: InstrumentOptions) {
    this.#given = given;
  }

  get tracer(): Tracer {
    return this.#given.tracer ?? trace.getTracer(name, version);
  }

  get metrics(): Metrics {
    const { meter } = this.#given;
    const provider = metrics.getMeterProvider();
    const source = meter ?? provider;
    if (this.#metrics === undefined || source !== this.#source) {
      this.#metrics = metricsOf(meter ?? provider.getMeter(name, version));
      this.#source = source;
    }
    return this.#metrics;
  }
}
