/** The parts of the bundled spec that the generator reads. */

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly additionalProperties?: Schema | boolean;
  readonly 'x-octa-kind'?: string;
}

export interface Media {
  readonly schema?: Schema;
}

export interface Answered {
  readonly content?: Readonly<Record<string, Media>>;
}

export interface Operation {
  readonly operationId: string;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly requestBody?: Answered & { readonly required?: boolean };
  readonly responses: Readonly<Record<string, Answered>>;
  readonly 'x-octa-effect': string;
  readonly 'x-octa-answer'?: string;
}

export interface Spec {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const methods = ['get', 'put', 'post', 'delete', 'patch'];

/** Every operation of the spec, in its order. */
export function operationsOf(
  spec: Spec,
): { readonly path: string; readonly method: string; readonly operation: Operation }[] {
  return Object.entries(spec.paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => methods.includes(method))
      .map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
}

/** Name of the schema that a reference points to. */
export function nameOf(ref: string): string {
  return ref.replace('#/components/schemas/', '');
}

/** Whether a schema is a model: an object whose fields are known. */
export function isModel(schema: Schema | undefined): boolean {
  return schema?.type === 'object' && schema.properties !== undefined && schema['x-octa-kind'] === undefined;
}
