/** What TypeDoc has read, arranged for people. */
import {
  type DeclarationReflection,
  type ProjectReflection,
  ReferenceType,
  type Reflection,
  ReflectionKind,
  type SomeType,
} from 'typedoc';

/** Types of the description by path: thousands of lines that the HTTP reference tells better. */
const byPath = new Set(['paths', 'operations']);

/** The type of a schema, as a reader thinks of it; spelt out, it would fill pages. */
function schemaType({ name }: DeclarationReflection, project: ProjectReflection): SomeType {
  const model = name.replace(/Schema$/, '');
  const type = ReferenceType.createBrokenReference('ZodMiniType', project, 'zod');
  const found = project.getReflectionsByKind(ReflectionKind.SomeType).find((each) => each.name === model);
  if (found !== undefined) type.typeArguments = [ReferenceType.createResolvedReference(model, found, project)];
  return type;
}

function simplifySchemas(module: DeclarationReflection, project: ProjectReflection): void {
  for (const variable of module.getChildrenByKind(ReflectionKind.Variable)) {
    if (!variable.name.endsWith('Schema') || variable.type === undefined) continue;
    project.removeTypeReflections(variable.type);
    variable.type = schemaType(variable, project);
  }
}

/** Names modules as they are imported, and leaves out what says more by less. */
export function arrange(project: ProjectReflection, names: ReadonlyMap<string, string>): void {
  for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
    const file = project.getSymbolIdFromReflection(module)?.fileName;
    const name = file === undefined ? undefined : names.get(file);
    if (name === undefined) throw new Error(`${module.name} is no entry point of the package`);
    module.name = name;
    const hidden = (module.children ?? []).filter((child) => byPath.has(child.name));
    for (const child of hidden) project.removeReflection(child);
    if (name.endsWith('/zod')) simplifySchemas(module, project);
  }
}

/** Whether it is a part of what a function takes, of which TypeDoc itself asks for no documentation. */
function isOfParameter(reflection: Reflection): boolean {
  for (let each: Reflection | undefined = reflection; each !== undefined; each = each.parent) {
    if (each.kindOf([ReflectionKind.Parameter, ReflectionKind.Constructor])) return true;
  }
  return false;
}

/** Full names of members of literal types that say by their name alone what they are. */
export function undocumentedLiterals(project: ProjectReflection): string[] {
  const members = project.getReflectionsByKind(ReflectionKind.Property);
  const silent = members.filter((member) => {
    const isLiteral = member.parent?.kind === ReflectionKind.TypeLiteral;
    return isLiteral && !member.hasComment() && !member.flags.isExternal && !isOfParameter(member);
  });
  return [...new Set(silent.map((member) => member.getFullName()))];
}
