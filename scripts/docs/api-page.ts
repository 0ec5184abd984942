/** Creates `api.md` from the output of TypeDoc: every method of the SDK, one line each. */
import {
  Comment,
  type DeclarationReflection,
  type ProjectReflection,
  ReferenceType,
  ReflectionKind,
  type SignatureReflection,
} from 'typedoc';
import { publicMethods } from '../../test/support/methods.ts';
import { paragraphs, table } from './markdown.ts';
import { slugOf } from './slug.ts';

/** A method that a caller can reach from the client. */
export interface ListedMethod {
  /** Its path from the client, such as `nodes.get` or `services.session.info`. */
  readonly name: string;
  /** The name of its class. */
  readonly holder: string;
  readonly signature: SignatureReflection;
}

/** The class of a property or a result, if it is a class of the SDK with methods. */
function holderOf(type: unknown): DeclarationReflection | undefined {
  if (!(type instanceof ReferenceType)) return undefined;
  const target = type.reflection as DeclarationReflection | undefined;
  return target?.kind === ReflectionKind.Class && /Resource$|^MrJob$/.test(target.name) ? target : undefined;
}

/** Methods of a class, and of the objects in its properties. */
function methodsOf(holder: DeclarationReflection, path: string): ListedMethod[] {
  return (holder.children ?? []).flatMap((member): ListedMethod[] => {
    const nested = holderOf(member.type);
    if (nested !== undefined) return methodsOf(nested, `${path}${member.name}.`);
    const [signature] = member.signatures ?? [];
    if (member.kind !== ReflectionKind.Method || signature === undefined) return [];
    const own = { name: path + member.name, holder: holder.name, signature };
    // `session` is a method, because it takes the id of the session.
    const made = member.name === 'session' ? holderOf(signature.type) : undefined;
    return made === undefined ? [own] : [own, ...methodsOf(made, `${path}${member.name}.`)];
  });
}

function classCalled(project: ProjectReflection, name: string): DeclarationReflection {
  const found = project.getReflectionsByKind(ReflectionKind.Class).find((each) => each.name === name);
  if (found === undefined) throw new Error(`TypeDoc has not read ${name}`);
  return found as DeclarationReflection;
}

/** Every method of the client, of its resources, of a session and of a job. Throws if one of them is missing. */
export function listMethods(project: ProjectReflection): ListedMethod[] {
  const methods = [
    ...methodsOf(classCalled(project, 'OctaClient'), ''),
    ...methodsOf(classCalled(project, 'MrJob'), 'job.'),
  ];
  const names = new Set(methods.map(({ name }) => name));
  const missing = publicMethods().filter((name) => !names.has(name));
  if (missing.length > 0) throw new Error(`api.md lacks ${missing.join(', ')}`);
  return methods;
}

/** Path of a method in the reference, from the root of the site. */
export function pathOf({ holder, signature }: Pick<ListedMethod, 'holder' | 'signature'>): string {
  return `reference/sdk/classes/${holder}.md#${slugOf(signature.name)}`;
}

/** The parameters of a function, in parentheses: `(id, options?)`. */
function parametersOf({ parameters = [] }: SignatureReflection): string {
  return `(${parameters.map(({ name, flags }) => (flags.isOptional ? `${name}?` : name)).join(', ')})`;
}

/** The call of a method: `client.nodes.get(id, options?)`. */
export function callOf({ name, signature }: Pick<ListedMethod, 'name' | 'signature'>): string {
  const text = name.replace('services.session.', 'services.session(uuid).') + parametersOf(signature);
  if (name.startsWith('job.')) return text.replace('.[asyncDispose]', '[Symbol.asyncDispose]');
  if (signature.parent.flags.isStatic) return `OctaClient.${text}`;
  return `client.${text}`.replace('.[asyncDispose]', '[Symbol.asyncDispose]');
}

/** The first sentence of a comment. */
function summaryOf({ comment }: { readonly comment?: Comment | undefined }): string {
  const text = Comment.combineDisplayParts(comment?.summary).trim();
  const [first = ''] = text.split(/(?<=[.!?])\s+(?=[A-Z`])/);
  return first.replace(/\s+/g, ' ');
}

const titles: Readonly<Record<string, string>> = { '': 'Client', 'services.session': 'A session', job: 'A job' };

function methodTables(methods: readonly ListedMethod[]): string[] {
  const groups = new Map<string, ListedMethod[]>([['', []]]);
  for (const method of methods) {
    const group = method.name === 'services.session' ? 'services' : method.name.split('.').slice(0, -1).join('.');
    groups.set(group, [...(groups.get(group) ?? []), method]);
  }
  return [...groups].map(([group, members]) => {
    const rows = members.map((method) => [
      `[\`${callOf(method)}\`](${pathOf(method)})`,
      `\`${method.signature.type}\``,
      summaryOf(method.signature),
    ]);
    return paragraphs(`## ${titles[group] ?? group}`, table(['Method', 'Returns', 'What it does'], rows));
  });
}

/** Functions that an entry point exports. */
function functionTable(module: DeclarationReflection): string {
  const folder = module.name.replace('@octaspace/', '');
  const rows = module.getChildrenByKind(ReflectionKind.Function).flatMap(({ name, signatures = [] }) => {
    const [signature] = signatures;
    if (signature === undefined) return [];
    return [
      [
        `[\`${name}${parametersOf(signature)}\`](reference/${folder}/functions/${name}.md)`,
        `\`${signature.type}\``,
        summaryOf(signature),
      ],
    ];
  });
  return rows.length === 0
    ? ''
    : paragraphs(`## Functions of ${module.name}`, table(['Function', 'Returns', 'What it does'], rows));
}

/** The text of the page. */
export function apiPage(project: ProjectReflection, methods: readonly ListedMethod[]): string {
  return paragraphs(
    '# Every method',
    'Every method of the SDK, one line each. `OctaPromise` is a promise with the response beside the data: `withResponse()`.',
    ...methodTables(methods),
    ...project.getChildrenByKind(ReflectionKind.Module).map(functionTable),
  );
}
