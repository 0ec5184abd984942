/** Public names of the models. */
import { isModel, type Schema, type Spec } from './spec.ts';

function docOf({ description }: Schema): string {
  return description === undefined ? '' : `/** ${description.replaceAll('*/', '*\\/').trim()} */\n`;
}

/** Source of generated/models.ts: an interface per model, so that editors show its name and not its fields. */
export function modelsSource(spec: Spec): string {
  const named = Object.entries(spec.components.schemas).filter(([, schema]) => schema['x-octa-kind'] === undefined);
  const declarations = named
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, schema]) =>
      isModel(schema)
        ? `${docOf(schema)}export interface ${name} extends Of<'${name}'> {}\n`
        : `${docOf(schema)}export type ${name} = Schemas['${name}'];\n`,
    );
  return `import type { components } from './schema.ts';\n\ntype Schemas = components['schemas'];\ntype Of<Name extends keyof Schemas> = Schemas[Name];\n\n${declarations.join('\n')}`;
}
