import { forbiddenArrow } from './import-arrows.ts';

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}
interface RuleContext {
  readonly filename: string;
  report(finding: { node: Node; message: string }): void;
}
type Visitor = Record<string, (node: Node) => void>;

function stringOf(node: unknown): string | undefined {
  const value = (node as Node | null | undefined)?.value;
  return typeof value === 'string' ? value : undefined;
}

function nameOf(node: unknown): string | undefined {
  const { type, name, property, expression } = (node ?? {}) as Node;
  if (type === 'Identifier' || type === 'PrivateIdentifier') return name as string;
  if (type === 'MemberExpression') return nameOf(property);
  return type === 'ChainExpression' ? nameOf(expression) : undefined;
}

/** Every way a file can name another one: import and export statements, import() of values and types, and new URL('./x', import.meta.url). */
function importArrows(context: RuleContext): Visitor {
  const check = (node: Node, source: unknown): void => {
    const specifier = stringOf(source);
    const message = specifier === undefined ? undefined : forbiddenArrow(context.filename, specifier);
    if (message !== undefined) context.report({ node, message });
  };
  const checkSource = (node: Node): void => check(node, node.source);
  return {
    ImportDeclaration: checkSource,
    ExportNamedDeclaration: checkSource,
    ExportAllDeclaration: checkSource,
    ImportExpression: checkSource,
    TSImportType: checkSource,
    NewExpression(node) {
      const [path, base] = node.arguments as readonly Node[];
      if (nameOf(node.callee) === 'URL' && base?.type === 'MemberExpression') check(node, path);
    },
  };
}

const exitCodeNames = /^(?:code|exitCode|exitStatus|status)$/;

/** A process ended by a signal has no exit code: a missing one must never read as success. */
function exitCodeDefault(context: RuleContext): Visitor {
  const message = 'A missing exit code is a failure: compare with === 0 instead of defaulting or negating it.';
  return {
    LogicalExpression(node) {
      const isDefault = node.operator === '??' || node.operator === '||';
      if (isDefault && exitCodeNames.test(nameOf(node.left) ?? '') && (node.right as Node).value === 0) context.report({ node, message });
    },
    UnaryExpression(node) {
      if (node.operator === '!' && exitCodeNames.test(nameOf(node.argument) ?? '')) context.report({ node, message });
    },
  };
}

/** The house's own lint rules, run by oxlint; test/rules proves that each bites. */
export default {
  meta: { name: 'holdfast' },
  rules: {
    'import-arrows': { meta: { type: 'problem' }, create: importArrows },
    'exit-code-default': { meta: { type: 'problem' }, create: exitCodeDefault },
  },
};
