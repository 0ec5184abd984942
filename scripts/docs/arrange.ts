/** Arranges the output of TypeDoc for readers. */
import {
  type DeclarationReflection,
  type ProjectReflection,
  ReferenceType,
  type Reflection,
  ReflectionKind,
  type SomeType,
} from 'typedoc';

/** Types by path of the API. They have thousands of lines, and the HTTP reference explains them better. */
const byPath = new Set(['paths', 'operations']);

/** A short type for a schema. The full type would fill pages. */
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

/** Gives modules the names that users import. Leaves out types by path, and shortens the types of schemas. */
export function arrange(project: ProjectReflection, names: ReadonlyMap<string, string>): void {
  for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
    const file = project.getSymbolIdFromReflection(module)?.fileName;
    const name = file === undefined ? undefined : names.get(file);
    if (name === undefined) throw new Error(`${module.name} is not an entry point of the package`);
    module.name = name;
    const hidden = (module.children ?? []).filter((child) => byPath.has(child.name));
    for (const child of hidden) project.removeReflection(child);
    if (name.endsWith('/zod')) simplifySchemas(module, project);
  }
}

/** Whether it is part of a parameter. TypeDoc does not require documentation for parameters. */
function isOfParameter(reflection: Reflection): boolean {
  for (let each: Reflection | undefined = reflection; each !== undefined; each = each.parent) {
    if (each.kindOf([ReflectionKind.Parameter, ReflectionKind.Constructor])) return true;
  }
  return false;
}

/** Full names of members of literal types without a comment. Their names explain them. */
export function undocumentedLiterals(project: ProjectReflection): string[] {
  const members = project.getReflectionsByKind(ReflectionKind.Property);
  const silent = members.filter((member) => {
    const isLiteral = member.parent?.kind === ReflectionKind.TypeLiteral;
    return isLiteral && !member.hasComment() && !member.flags.isExternal && !isOfParameter(member);
  });
  return [...new Set(silent.map((member) => member.getFullName()))];
}
