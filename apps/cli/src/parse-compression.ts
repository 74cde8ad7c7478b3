import type { Compression } from '@holdfast/engine';
import { usageError } from './run-context.ts';

/** A compression as the user writes it. */
export function parseCompression(text: string | undefined): Compression | undefined {
  if (text === undefined) return undefined;
  if (text === 'off' || text === 'fastest' || text === 'auto' || text === 'better' || text === 'max') return text;
  const level = Number(text);
  if (Number.isInteger(level) && level >= 1 && level <= 22) return level;
  throw usageError(`--compression: ${JSON.stringify(text)} is not known`, 'Use off, fastest, auto, better, max or a level from 1 to 22.');
}
