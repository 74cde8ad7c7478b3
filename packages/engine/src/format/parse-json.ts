import { CodedError } from '@holdfast/kernel';
import { z } from 'zod';

/** Room for half a million paths of a snapshot; more would take gigabytes to parse at once. */
const limitBytes = 128 << 20;

/** The value that small JSON holds, checked against its form; `format-invalid` names the field that is wrong. For files of a few kilobytes. */
export function parseJson<T>(bytes: Uint8Array, form: z.ZodType<T>, what: string): T {
  if (bytes.byteLength > limitBytes) throw invalid(what, `it is longer than ${limitBytes >> 20} MiB`, undefined);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch (cause) {
    throw invalid(what, 'it is no JSON', cause);
  }
  const parsed = form.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw invalid(what, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'wrong'}`, parsed.error);
}

function invalid(what: string, why: string, cause: unknown): CodedError {
  return new CodedError({
    code: 'format-invalid',
    message: `A ${what} cannot be decoded: ${why}`,
    hint: 'It was damaged, or written by a program that Holdfast does not know.',
    cause,
  });
}

/** Standard base64 of a given length in bytes (or any, without one). */
export function base64Form(bytes?: number): z.ZodType<Uint8Array, string> {
  return z
    .base64()
    .transform((text): Uint8Array => Buffer.from(text, 'base64'))
    .refine((value) => bytes === undefined || value.byteLength === bytes, `must be ${bytes} bytes`);
}
