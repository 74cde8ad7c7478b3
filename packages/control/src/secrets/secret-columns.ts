import { sealingKeyId } from './master-key-sealer.ts';

/** Columns that hold nothing but sealed text, or null. Whoever adds a secret to the schema adds its column here. */
export const secretColumns: readonly { readonly table: string; readonly column: string }[] = [
  { table: 'storage_server', column: 'password' },
  { table: 'storage_server', column: 'secrets' },
  { table: 'connection', column: 'secrets' },
  { table: 'backup', column: 'source_password' },
];

/** Settings that are a sealed text, and those that are JSON with sealed texts in these fields; by what comes before a colon in their key. */
export const secretSettings: Readonly<Record<string, readonly string[]>> = {
  'master-key-canary': [],
  'pending-repository': ['password'],
  'session-secret': [],
  telegram: ['token'],
};

/** The texts of a setting that must be sealed. */
export function secretsOfSetting(key: string, value: string): string[] {
  const fields = secretSettings[key.replace(/:.*$/, '')];
  if (fields === undefined) return [];
  if (fields.length === 0) return [value];
  const record = JSON.parse(value) as Record<string, unknown>;
  return fields.flatMap((field) => (typeof record[field] === 'string' ? [record[field]] : []));
}

/** Whether a text is one that the sealer made. */
export function isSealed(text: string): boolean {
  return sealingKeyId(text) !== undefined;
}
