/** Columns as wide as their widest cell, two spaces between; a line under the head and, with a foot, one above it. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[], foot?: string): string {
  const lines = [head, ...rows].map((row) => row.map((cell) => cell.split('\n')));
  const widths = head.map((_, column) => Math.max(...lines.map((row) => Math.max(...(row[column] ?? ['']).map((text) => text.length)))));
  const render = (row: readonly (readonly string[])[]): string[] =>
    Array.from({ length: Math.max(...row.map((cell) => cell.length)) }, (_, line) =>
      row
        .map((cell, column) => (cell[line] ?? '').padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  const [first, ...rest] = lines.map(render);
  return [...(first ?? []), rule, ...rest.flat(), ...(foot === undefined ? [] : [rule, foot])].join('\n');
}
