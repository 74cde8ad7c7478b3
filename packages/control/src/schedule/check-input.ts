import { CodedError } from '@holdfast/kernel';
import type { z } from 'zod';

export interface InputWords {
  /** What the value is, as the subject of a sentence: `The schedule`. */
  readonly what: string;
  /** What a right one looks like. */
  readonly hint: string;
}

/** The value as the schema reads it; else `invalid-argument` that names each field and what is wrong with it. */
export function checkInput<T>(schema: z.ZodType<T>, value: unknown, { what, hint }: InputWords): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.flatMap(wordsOf);
  throw new CodedError({ code: 'invalid-argument', message: `${what} is not right: ${problems.join('; ')}`, hint });
}

function wordsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${[...issue.path, key].map(String).join('.')}: there is no such field`);
  return [issue.path.length === 0 ? issue.message : `${issue.path.map(String).join('.')}: ${issue.message}`];
}

/** A value that was given, short enough for a message. */
export function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
