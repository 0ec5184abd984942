/** Creates the reference of the HTTP API: one page for each tag of the description, and one for all models. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { methods as callsOf, operationsOf } from '../../../test/support/methods.ts';
import { callOf, type ListedMethod, pathOf } from '../api-page.ts';
import { paragraphs, table } from '../markdown.ts';
import type { Entry } from '../navigation.ts';
import { writePage } from '../pages.ts';
import { pagesFolder } from '../places.ts';
import { slugOf } from '../slug.ts';
import { description, operations } from './description.ts';
import { operationText } from './operations.ts';
import { modelsPage, modelsText } from './schemas.ts';

/** Leaves the headings inside of operations out of the outline. */
const frontmatter = '---\noutline: 2\n---\n\n';

function fileOf(tag: string): string {
  return `${tag.toLowerCase().replaceAll(' ', '-')}.md`;
}

/** The link to a type or class of the SDK; undefined if the reference has no page for it. */
function typeLink(name: string): string | undefined {
  const path = ['classes', 'interfaces'].map((folder) => `reference/sdk/${folder}/${name}.md`);
  const found = path.find((each) => existsSync(join(pagesFolder, each)));
  return found === undefined ? undefined : `[\`${name}\`](../${found})`;
}

/** The methods that send each operation. Calls all methods to find out. */
async function senders(listed: readonly ListedMethod[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  for (const [name, call] of Object.entries(callsOf)) {
    const method = listed.find((each) => each.name === name);
    if (method === undefined) throw new Error(`TypeDoc has not read ${name}`);
    for (const id of await operationsOf((client) => call(client, {}))) {
      found.set(id, [...(found.get(id) ?? []), `[\`${callOf(method)}\`](../${pathOf(method)})`]);
    }
  }
  return found;
}

function overview(): string {
  const rows = operations.map(({ method, path, summary, tags: [tag] }) => [
    `\`${method} ${path}\``,
    `[${summary}](${fileOf(tag)}#${slugOf(summary)})`,
  ]);
  return paragraphs(
    '# HTTP API',
    `The requests of the SDK, and the responses of the API. This reference is generated from the OpenAPI description in this repository, version ${description.info.version}. The description is curated by hand from public sources. [DRIFT.md](https://github.com/octaspace/typescript-sdk/blob/main/openapi/DRIFT.md) lists the differences between the API and the vendor's documentation.`,
    '## Addresses',
    table(
      ['Base URL', 'What it is'],
      description.servers.map(({ url, description: told }) => [`\`${url}\``, told]),
    ),
    '## Authentication',
    'Send the API key in the header `Authorization`, without a scheme such as `Bearer`.',
    '## Amounts and units',
    'Every number has its unit in its description. An amount of Wei can have more digits than a JavaScript number holds; the SDK reads it as a `bigint`. Responses may have more fields than are described.',
    '## Operations',
    table(['Request', 'What it does'], rows),
    '## Errors',
    'An error has a body like [ErrorBody](models.md#errorbody), or none. A response to a request can have the header `X-Request-Id`; quote it to support. A response with status 429 can have `Retry-After`, in seconds.',
  );
}

/** Writes the pages. Returns their entries in the sidebar. */
export async function writeHttpPages(listed: readonly ListedMethod[]): Promise<Entry[]> {
  const sent = await senders(listed);
  writePage('http/index.md', overview());
  writePage(`http/${modelsPage}`, frontmatter + modelsText(typeLink));
  const entries = description.tags.map(({ name, description: told }): Entry => {
    const own = operations.filter(({ tags: [tag] }) => tag === name);
    const texts = own.map((operation) =>
      operationText(operation, {
        methods: sent.get(operation.operationId) ?? [],
        classLink: (error) => typeLink(error) ?? `\`${error}\``,
      }),
    );
    writePage(`http/${fileOf(name)}`, frontmatter + paragraphs(`# ${name}`, told, ...texts));
    return { text: name, link: `/http/${fileOf(name).replace('.md', '')}` };
  });
  return [{ text: 'Overview', link: '/http/' }, ...entries, { text: 'Models', link: '/http/models' }];
}
