/** Checks issue forms against GitHub's schema. */

interface Field {
  readonly type?: string;
  readonly id?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly validations?: Readonly<Record<string, unknown>>;
}

export interface IssueForm {
  readonly name?: unknown;
  readonly description?: unknown;
  readonly body?: readonly Field[];
}

interface Kind {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

/** The attributes that each type of field has. */
const kinds: Readonly<Record<string, Kind>> = {
  markdown: { required: ['value'], optional: [] },
  textarea: { required: ['label'], optional: ['description', 'placeholder', 'value', 'render'] },
  input: { required: ['label'], optional: ['description', 'placeholder', 'value'] },
  dropdown: { required: ['label', 'options'], optional: ['description', 'multiple', 'default'] },
  checkboxes: { required: ['label', 'options'], optional: ['description'] },
};

const keys = ['name', 'description', 'title', 'labels', 'assignees', 'projects', 'type', 'body'];

function duplicatesIn(values: readonly unknown[]): unknown[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

/** Options of a drop-down list are texts; those of checkboxes have a label. An unquoted yes or no is not text. */
function areOptions(type: string, options: unknown): boolean {
  if (!Array.isArray(options) || options.length === 0) return false;
  const labels = options.map((option) => (type === 'checkboxes' ? option?.label : option));
  return labels.every(isText) && duplicatesIn(labels).length === 0;
}

function problemsOfField({ type = '', id, attributes = {}, validations = {} }: Field): string[] {
  const kind = kinds[type];
  if (kind === undefined) return [`there is no type ${type}`];
  const { required, optional } = kind;
  const missing = required.filter((name) =>
    name === 'options' ? !areOptions(type, attributes[name]) : !isText(attributes[name]),
  );
  const unknown = Object.keys(attributes).filter((name) => ![...required, ...optional].includes(name));
  const odd = Object.entries(validations).filter(([name, value]) => name !== 'required' || typeof value !== 'boolean');
  return [
    ...missing.map((name) => `${type} has no proper ${name}`),
    ...unknown.map((name) => `${type} has no ${name}`),
    ...odd.map(([name]) => `validations have no such ${name}`),
    ...(id === undefined || /^[\w-]+$/.test(id) ? [] : [`${id} is no id`]),
  ];
}

/** Everything that GitHub would reject. */
export function problemsOfForm(form: IssueForm): string[] {
  const { name, description, body = [] } = form;
  const inputs = body.filter(({ type }) => type !== 'markdown');
  const ids = inputs.flatMap(({ id }) => id ?? []);
  const labels = inputs.map(({ attributes }) => attributes?.label);
  return [
    ...(isText(name) && isText(description) ? [] : ['it needs a name and a description']),
    ...Object.keys(form)
      .filter((key) => !keys.includes(key))
      .map((key) => `a form has no ${key}`),
    ...(inputs.length > 0 ? [] : ['it asks for nothing']),
    ...body.flatMap(problemsOfField),
    ...duplicatesIn([...ids, ...labels]).map((twice) => `${twice} is there twice`),
  ];
}
