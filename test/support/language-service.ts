/** What an editor shows: hover texts and errors of a program that uses the package, from TypeScript's language service. */
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));
const config = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
const name = `${root}test/editor-program.ts`;

/** An editor with one file open. */
export interface Editor {
  /** The hover text of `word`: its type, then its documentation. Uses the first occurrence after `after`. */
  hover(program: string, word: string): string;
  /** The message of the first error, and its line; undefined if there is none. */
  firstError(program: string): string | undefined;
}

/** Opens an editor. Programs may share it, one after the other: the sources of the package are read once. */
export function openEditor(): Editor {
  let text = '';
  let version = 0;
  const host: ts.LanguageServiceHost = {
    getCompilationSettings: () => ({ ...options, noUnusedLocals: false, noUnusedParameters: false }),
    getScriptFileNames: () => [name],
    getScriptVersion: (file) => (file === name ? String(version) : '0'),
    getScriptSnapshot: (file) => {
      const found = file === name ? text : ts.sys.readFile(file);
      return found === undefined ? undefined : ts.ScriptSnapshot.fromString(found);
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (file) => file === name || ts.sys.fileExists(file),
    readFile: (file) => (file === name ? text : ts.sys.readFile(file)),
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  };
  const service = ts.createLanguageService(host);
  const show = (program: string): void => {
    text = program;
    version++;
  };
  return {
    hover(program, word) {
      show(program);
      const info = service.getQuickInfoAtPosition(name, program.lastIndexOf(word));
      const type = ts.displayPartsToString(info?.displayParts);
      return `${type}\n${ts.displayPartsToString(info?.documentation)}`;
    },
    firstError(program) {
      show(program);
      const [error] = [...service.getSyntacticDiagnostics(name), ...service.getSemanticDiagnostics(name)];
      if (error === undefined) return undefined;
      const line = program.slice(0, error.start).split('\n').length;
      return `${line}: ${ts.flattenDiagnosticMessageText(error.messageText, '\n')}`;
    },
  };
}
