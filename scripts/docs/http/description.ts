/** The parts of the OpenAPI description that the reference shows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../package/run.ts';

/** A type of values. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A body of a request or a response. */
export interface Body {
  readonly $ref?: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly content?: Readonly<
    Record<
      string,
      { readonly schema: Schema; readonly examples?: Readonly<Record<string, { readonly value: unknown }>> }
    >
  >;
}

export interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description: string;
  readonly schema: Schema;
}

/** One operation, with its method and path. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly tags: readonly [string];
  readonly summary: string;
  readonly description: string;
  readonly 'x-octa-effect': 'read' | 'idempotent' | 'disruptive' | 'billable';
  readonly 'x-octa-drift'?: readonly number[];
  readonly security: readonly Readonly<Record<string, unknown>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Body;
  readonly responses: Readonly<Record<string, Body>>;
}

interface Description {
  readonly info: { readonly version: string };
  readonly servers: readonly { readonly url: string; readonly description: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, Body>>;
    readonly parameters: Readonly<Record<string, Parameter>>;
  };
}

/** The whole description. `npm run spec:lint` checks it. */
export const description: Description = JSON.parse(readFileSync(join(root, 'generated/openapi.json'), 'utf8'));

/** Every operation, in the order of the description. */
export const operations: readonly Operation[] = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
);

/** The last part of a reference: the name of its target. */
export function nameIn(reference: string): string {
  return reference.split('/').at(-1) ?? '';
}

/** A response or parameter. Follows its reference, if it is one. */
export function resolved<Part extends { readonly $ref?: string }>(part: Part, kind: 'responses' | 'parameters'): Part {
  if (part.$ref === undefined) return part;
  const found = description.components[kind][nameIn(part.$ref)];
  if (found === undefined) throw new Error(`there is no ${part.$ref}`);
  // A reference always points to a part of the same kind.
  return found as unknown as Part;
}
