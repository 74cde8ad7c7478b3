import type { CallOptions } from '@holdfast/connect/port';
import { CodedError } from '@holdfast/kernel';
import { z } from 'zod';
import { readText, textEntry } from './dump-entry.ts';
import type { RestoreEntry, SourceEntry } from './port.ts';

/** What a restore must know besides the dumps of a server. */
export const manifestPath = 'about.json';

const limitBytes = 64 * 1024 * 1024;

/** The manifest as an entry. It holds no time and nothing that changes by itself, so that it is the same bytes until something changes. */
export function manifestEntry(manifest: object, nowNs: bigint): SourceEntry {
  return textEntry(manifestPath, nowNs, `${JSON.stringify(manifest, undefined, 1)}\n`);
}

/** The manifest among the entries; `restore-incomplete` where there is none of that form. */
export async function readManifest<T>(
  entries: ReadonlyMap<string, RestoreEntry>,
  form: z.ZodType<T>,
  kind: string,
  options: CallOptions,
): Promise<T> {
  const entry = entries.get(manifestPath);
  if (entry === undefined) throw notOfKind(manifestPath, kind);
  try {
    const text = await readText(entry, limitBytes, () => notOfKind(manifestPath, kind), options);
    return form.parse(JSON.parse(text));
  } catch (error) {
    // No JSON, no UTF-8, or another form.
    if (error instanceof SyntaxError || error instanceof TypeError || error instanceof z.ZodError)
      throw notOfKind(manifestPath, kind, error);
    throw error;
  }
}

/** `restore-incomplete`: the entry is missing, or does not belong to a backup of that kind. */
export function notOfKind(path: string, kind: string, cause?: unknown): CodedError {
  return new CodedError({
    code: 'restore-incomplete',
    message: `What is to be restored is not all of a backup of ${kind}: ${path} is missing or is not as it should be`,
    hint: `Choose ${manifestPath} as well as what is to be restored, from one snapshot.`,
    cause,
  });
}
