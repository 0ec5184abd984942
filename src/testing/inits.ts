/** What can be said about the things in the world of a simulator; all the rest is seeded. */
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

/** Where a node stands. What is left out is that of a known place there, or seeded. */
export interface PlaceInit {
  /** Name of the country. */
  readonly country?: string;
  /** Its two-letter code. */
  readonly country_iso?: string;
  /** Name of the city. */
  readonly city?: string;
}

/** What rentable nodes of all kinds have in common. */
export interface RentableInit extends PlaceInit {
  /** Number of the node; unique among all that can be rented, of whatever kind. */
  readonly node_id: number;
  /** What a session costs, to the Wei. Unit: Wei per hour. */
  readonly priceWeiPerHour?: bigint;
  /** From a start until the session is ready. Default is the simulator's `readyAfterMs`. Unit: ms. */
  readonly readyAfterMs?: number;
  /** Further fields of the catalogue entry, as they shall be on the wire; they win over all others. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** A machine, for rental or for rendering. What is left out is seeded. */
export interface MachineInit extends RentableInit {
  /** Model of its GPUs; null: it has none. */
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
  /** Price in the catalogue; null: none that is readable. Default follows from `priceWeiPerHour`. Unit: USD per hour. */
  readonly totalPriceUsd?: number | null;
  /** Share of its sessions that ended normally. Unit: percent. */
  readonly stability?: number;
}

/**
 * A VPN relay. What is left out is seeded. Its sessions cost by the hour, like all others: what the real API charges is not known,
 * and its catalogue shows a price for traffic only.
 */
export interface RelayInit extends RentableInit {
  /** Whether its address belongs to a home connection. */
  readonly residential?: boolean;
}

/** A node of the account, as its operator sees it. What is left out is seeded. */
export interface NodeInit extends PlaceInit {
  /** Number of the node; that of a machine in the catalogue makes it that machine. */
  readonly id: number;
  /** `idle`, `busy`, `offline` or others; while it is rented, it is `busy` anyway. */
  readonly state?: string;
  /** Further fields of its entry in the list, as they shall be on the wire. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** An app. What is left out is seeded. */
export interface AppInit {
  /** Unique among the apps. */
  readonly uuid: string;
  /** What it is called. */
  readonly name?: string;
  /** Docker image. */
  readonly image?: string;
  /** TCP and UDP ports. */
  readonly ports?: readonly number[];
  /** Ports that it serves HTTP on. */
  readonly http_ports?: readonly number[];
  /** Environment variables with their defaults. */
  readonly envs?: Readonly<Record<string, string | boolean | number | null>>;
  /** What is run in the container. */
  readonly start_command?: string;
  /** The least disk size that it needs. Unit: GB. */
  readonly minDiskSize?: number;
  /** Further fields, as they shall be on the wire. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** How many seeded things there shall be, or a list of them. */
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

/** Checks of the options that say what there is. */
function population(name: string, rules: Readonly<Record<string, Check>>, key: string): (value: unknown) => void {
  const allowed = `a whole number from 0 to ${mostSeeded}, or a list`;
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
      if (seen.has(id)) refuse(`${where}.${key}`, id, 'one that no other of the list has');
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
