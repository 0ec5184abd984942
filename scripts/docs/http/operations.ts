/** Describes the operations of the HTTP API in Markdown. */
import { errorFromResponse } from '../../../src/errors/from-response.ts';
import { paragraphs, table } from '../markdown.ts';
import { type Body, type Operation, resolved } from './description.ts';
import { fieldsOf, typeOf } from './schemas.ts';

const effects = {
  read: 'It only reads. The SDK retries it.',
  idempotent: 'It can be repeated without harm. The SDK retries it.',
  disruptive: 'Do not repeat it blindly. The SDK retries it only if the request provably never left.',
  billable: 'It costs money. The SDK retries it only if the request provably never left.',
} as const;

function isSuccess(status: string): boolean {
  return status.startsWith('2');
}

/** Shortens arrays to one item, which shows their form. */
function shortened(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shortened(field)]));
}

function exampleOf({ content = {} }: Body): string | undefined {
  const [first] = Object.values(Object.values(content)[0]?.examples ?? {});
  if (first === undefined) return undefined;
  return `::: details Example\n\`\`\`json\n${JSON.stringify(shortened(first.value), undefined, 2)}\n\`\`\`\n:::`;
}

function bodyText(title: string, body: Body): string {
  const [type = '', form] = Object.entries(body.content ?? {})[0] ?? [];
  if (form === undefined) return paragraphs(title, body.description);
  return paragraphs(
    title,
    `${body.description ?? ''} Type: ${typeOf(form.schema)}${type === 'application/json' ? '' : `, \`${type}\``}.`.trim(),
    fieldsOf(form.schema),
    exampleOf(body),
  );
}

function parametersText({ parameters = [] }: Operation): string {
  const rows = parameters.map((given) => {
    const { name, in: place, required, description, schema } = resolved(given, 'parameters');
    return [`\`${name}\``, place, typeOf(schema), required === true ? 'yes' : 'no', description];
  });
  return rows.length === 0
    ? ''
    : paragraphs('### Parameters', table(['Name', 'In', 'Type', 'Required', 'Meaning'], rows));
}

/** Name of the error that the SDK throws for a status. */
function errorName(status: string): string {
  const request = { operation: '', method: '', url: '' };
  return errorFromResponse({ status: Number(status), headers: new Headers(), body: undefined, request }).name;
}

function errorsText({ responses }: Operation, linkTo: (name: string) => string): string {
  const rows = Object.entries(responses)
    .filter(([status]) => !isSuccess(status))
    .map(([status, response]) => {
      return [status, resolved(response, 'responses').description ?? '', linkTo(errorName(status))];
    });
  return paragraphs('### Errors', table(['Status', 'Meaning', 'The SDK throws'], rows));
}

/** Links for the text of an operation. */
export interface Links {
  /** Methods of the SDK that send the operation. */
  readonly methods: readonly string[];
  /** Returns the link to a class. */
  readonly classLink: (name: string) => string;
}

/** Everything about one operation. */
export function operationText(operation: Operation, { methods, classLink }: Links): string {
  const { method, path, summary, description, security, responses, requestBody } = operation;
  const needsKey = security.some((way) => Object.keys(way).length > 0);
  const isOptional = needsKey && security.some((way) => Object.keys(way).length === 0);
  const drift = operation['x-octa-drift'] ?? [];
  const numbers = `${drift.join(', ')} in [DRIFT.md](https://github.com/octaspace/typescript-sdk/blob/main/openapi/DRIFT.md)`;
  const key = isOptional ? 'sent if there is one' : needsKey ? 'required' : 'not needed';
  return paragraphs(
    `## ${summary}`,
    `\`\`\`http\n${method} ${path}\n\`\`\``,
    description,
    [
      `- **SDK:** ${methods.join(', ')}`,
      `- **API key:** ${key}`,
      `- **Repeating it:** ${effects[operation['x-octa-effect']]}`,
      ...(drift.length === 0 ? [] : [`- **Differs from the vendor's documentation:** ${numbers}`]),
    ].join('\n'),
    parametersText(operation),
    requestBody === undefined ? undefined : bodyText('### Request body', requestBody),
    ...Object.entries(responses)
      .filter(([status]) => isSuccess(status))
      .map(([status, response]) => bodyText(`### Response ${status}`, resolved(response, 'responses'))),
    errorsText(operation, classLink),
  );
}
