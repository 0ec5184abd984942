import ts from 'typescript';

/** All imports of a source, including types, re-exports, `import()` and `require()`. */
export function importsOf(name: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const from =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isExternalModuleReference(node)
          ? node.expression
          : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
            ? node.argument.literal
            : ts.isCallExpression(node) && /^(import|require)$/.test(node.expression.getText())
              ? node.arguments[0]
              : undefined;
    if (from !== undefined) found.push(ts.isStringLiteralLike(from) ? from.text : `an expression: ${from.getText()}`);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true));
  return found;
}
