/**
 * What differs between two versions of a configuration, as paths and values: `retention.representative: "latest" → "earliest"`. For records
 * that hold no secrets.
 */
export function describeChanges(before: unknown, after: unknown): string {
  const changes = [...changed(before, after, '')];
  return changes.length === 0 ? 'nothing' : changes.join('; ');
}

const longestValue = 200;

function* changed(before: unknown, after: unknown, path: string): Generator<string> {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  if (!isRecord(before) || !isRecord(after)) {
    yield `${path === '' ? 'all' : path}: ${shown(before)} → ${shown(after)}`;
    return;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
    yield* changed(before[key], after[key], path === '' ? key : `${path}.${key}`);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'none';
  return text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text;
}
