/** Describes the types of the HTTP API in Markdown. */
import { paragraphs, table } from '../markdown.ts';
import { slugOf } from '../slug.ts';
import { description, nameIn, type Schema } from './description.ts';

/** Path of the page of all models, relative to the other pages of the HTTP API. */
export const modelsPage = 'models.md';

function orOf(parts: readonly string[]): string {
  return parts.join(' or ');
}

/** A type in a few words, with links to models. */
export function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = nameIn(schema.$ref);
    return `[${name}](${modelsPage}#${slugOf(name)})`;
  }
  if (schema.enum !== undefined) return orOf(schema.enum.map((value) => `\`${JSON.stringify(value)}\``));
  const forms = schema.oneOf ?? schema.anyOf;
  if (forms !== undefined) return orOf(forms.map(typeOf));
  if (schema.type === 'array') return `array of ${schema.items === undefined ? 'anything' : typeOf(schema.items)}`;
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object') {
    return `map of ${typeOf(schema.additionalProperties)}`;
  }
  return schema.type === undefined ? 'any' : orOf([schema.type].flat());
}

/** The limits of a number. */
function rangeOf({ minimum, maximum }: Schema): string {
  if (minimum === undefined && maximum === undefined) return '';
  if (maximum === undefined) return ` At least ${minimum}.`;
  return minimum === undefined ? ` At most ${maximum}.` : ` From ${minimum} to ${maximum}.`;
}

/** The schema, or the model that it or its items refer to. */
function target(schema: Schema): Schema {
  if (schema.$ref !== undefined) return description.components.schemas[nameIn(schema.$ref)] ?? schema;
  return schema.type === 'array' && schema.items !== undefined ? target(schema.items) : schema;
}

/** The fields of an object, or of the objects in a list. */
export function fieldsOf(schema: Schema): string {
  const { properties = {}, required = [] } = target(schema);
  const rows = Object.entries(properties).map(([name, field]) => {
    const model = target(field);
    const told = field.description ?? model.description ?? '';
    return [`\`${name}\``, typeOf(field), required.includes(name) ? 'always' : 'may be absent', told + rangeOf(field)];
  });
  return table(['Field', 'Type', 'Presence', 'Meaning'], rows);
}

/** Every model. `typeScript` returns the link to its type in the SDK, if there is one. */
export function modelsText(typeScript: (name: string) => string | undefined): string {
  const models = Object.entries(description.components.schemas).sort(([a], [b]) => a.localeCompare(b, 'en'));
  const sections = models.map(([name, schema]) => {
    const link = typeScript(name);
    const type = schema.properties === undefined ? `Type: ${typeOf(schema)}.` : undefined;
    return paragraphs(
      `## ${name}`,
      schema.description,
      type,
      link === undefined ? undefined : `In the SDK: ${link}`,
      fieldsOf(schema),
    );
  });
  return paragraphs(
    '# Models',
    'Every object in requests and responses, field by field. Unknown fields are allowed everywhere.',
    ...sections,
  );
}
