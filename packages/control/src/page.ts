/** A page of a list; `next` is what to ask for the page after it with, null at the end. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

/** Cuts rows, of which one more than `limit` was asked for, to a page. */
export function toPage<Row, T>(rows: readonly Row[], limit: number, item: (row: Row) => T, mark: (row: Row) => string): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(item), next: rows.length > limit && last !== undefined ? mark(last) : null };
}
