/** Options for the machines, relays, nodes and apps of a simulator. Everything else is seeded. */
import { isRecord } from '../codec/record.ts';
import {
  aBoolean,
  aNumber,
  aNumberOrNull,
  anAmount,
  anId,
  anObject,
  anyText,
  aText,
  aTextOrNull,
  aWholeNumber,
  type Check,
  check,
  checkFields,
  ports,
  refuse,
  someMs,
} from './checks.ts';

/** Location of a node. Fields that you omit are those of a known place there, or seeded. */
export interface PlaceInit {
  /** Name of the country. */
  readonly country?: string;
  /** Its two-letter code. */
  readonly country_iso?: string;
  /** Name of the city. */
  readonly city?: string;
}

/** Fields of all rentable nodes. */
export interface RentableInit extends PlaceInit {
  /** Number of the node; unique among all rentable nodes of any kind. */
  readonly node_id: number;
  /** Exact price of a session. Unit: Wei per hour. */
  readonly priceWeiPerHour?: bigint;
  /** Time from a start until the session is ready. Default: `readyAfterMs` of the simulator. Unit: ms. */
  readonly readyAfterMs?: number;
  /** Additional fields of the catalogue entry, as the API should send them. They take precedence. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** A machine, for rental or for rendering. Fields that you omit are seeded. */
export interface MachineInit extends RentableInit {
  /** Model of its GPUs; null: no GPU. */
  readonly gpu?: string | null;
  /** How many GPUs it has. Unit: count. */
  readonly gpus?: number;
  /** Memory of each GPU. Unit: MB. */
  readonly mem_total_mb?: number;
  /** CPU cores. Unit: count. */
  readonly cpu_cores?: number;
  /** Memory of the machine. Unit: bytes. */
  readonly total_memory?: number;
  /** Free disk space. Unit: bytes. */
  readonly free_disk?: number;
  /** Price in the catalogue; null: no readable price. Default: calculated from `priceWeiPerHour`. Unit: USD per hour. */
  readonly totalPriceUsd?: number | null;
  /** Share of its sessions that ended normally. Unit: percent. */
  readonly stability?: number;
}

/**
 * A VPN relay. Fields that you omit are seeded. The simulator charges its sessions by time, like all others: what the real API charges
 * is not known, and its catalogue shows only a price for traffic.
 */
export interface RelayInit extends RentableInit {
  /** Whether its address belongs to a home connection. */
  readonly residential?: boolean;
}

/** A node of the account, as its operator sees it. Fields that you omit are seeded. */
export interface NodeInit extends PlaceInit {
  /** Number of the node. If a machine in the catalogue has the same number, it is the same machine. */
  readonly id: number;
  /** `idle`, `busy`, `offline` or any other text; always `busy` while it is rented. */
  readonly state?: string;
  /** Additional fields of its entry in the list, as the API should send them. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** An app. Fields that you omit are seeded. */
export interface AppInit {
  /** UUID of the app, unique among the apps. */
  readonly uuid: string;
  /** Name of the app. */
  readonly name?: string;
  /** Docker image. */
  readonly image?: string;
  /** TCP and UDP ports. */
  readonly ports?: readonly number[];
  /** HTTP ports. */
  readonly http_ports?: readonly number[];
  /** Environment variables with their defaults. */
  readonly envs?: Readonly<Record<string, string | boolean | number | null>>;
  /** Command to run in the container. */
  readonly start_command?: string;
  /** Minimum disk size. Unit: GB. */
  readonly minDiskSize?: number;
  /** Additional fields, as the API should send them. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** A number of seeded entries, or a list of entries. */
export type Population<Init> = number | readonly Init[];

const place = { country: aText, country_iso: aText, city: aText } satisfies Record<keyof PlaceInit, Check>;

const rentable = {
  node_id: anId,
  ...place,
  priceWeiPerHour: anAmount,
  readyAfterMs: someMs,
  fields: anObject,
} satisfies Record<keyof RentableInit, Check>;

const machine = {
  ...rentable,
  gpu: aTextOrNull,
  gpus: aWholeNumber,
  mem_total_mb: aWholeNumber,
  cpu_cores: aWholeNumber,
  total_memory: aWholeNumber,
  free_disk: aWholeNumber,
  totalPriceUsd: aNumberOrNull,
  stability: aNumber,
} satisfies Record<keyof MachineInit, Check>;

const relay = { ...rentable, residential: aBoolean } satisfies Record<keyof RelayInit, Check>;

const node = {
  id: anId,
  state: anyText,
  ...place,
  fields: anObject,
} satisfies Record<keyof NodeInit, Check>;

const app = {
  uuid: aText,
  name: aText,
  image: aText,
  ports,
  http_ports: ports,
  envs: anObject,
  start_command: anyText,
  minDiskSize: aNumber,
  fields: anObject,
} satisfies Record<keyof AppInit, Check>;

const mostSeeded = 10_000;

/** The check of an option that is a population. */
function population(name: string, rules: Readonly<Record<string, Check>>, key: string): (value: unknown) => void {
  const allowed = `a whole number from 0 to ${mostSeeded}, or an array`;
  return (value) => {
    if (!Array.isArray(value)) {
      const counts = typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= mostSeeded;
      if (!counts) refuse(name, value, allowed);
      return;
    }
    const seen = new Set<unknown>();
    for (const [index, each] of value.entries()) {
      const where = `${name}[${index}]`;
      checkFields(where, each, rules);
      const id: unknown = isRecord(each) ? each[key] : undefined;
      check(`${where}.${key}`, id, rules[key] ?? aText);
      if (seen.has(id)) refuse(`${where}.${key}`, id, 'a value that no other entry of the array has');
      seen.add(id);
    }
  };
}

/** Checks of populations, by the name of their option. They throw OctaConfigurationError. */
export const populationChecks = {
  machines: population('machines', machine, 'node_id'),
  renderMachines: population('renderMachines', machine, 'node_id'),
  relays: population('relays', relay, 'node_id'),
  nodes: population('nodes', node, 'id'),
  apps: population('apps', app, 'uuid'),
} as const;
