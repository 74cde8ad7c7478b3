import { CodedError } from '@holdfast/kernel';

const units: Readonly<Record<string, number>> = { b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** Bytes of a size as restic writes it: `1024`, `10k`, `5M`, `2G`, `1T`. */
export function parseSize(text: string): number {
  const match = /^(\d+)([bkmgt]?)$/i.exec(text.trim());
  const bytes = match === null ? Number.NaN : Number(match[1]) * (units[(match[2] ?? '').toLowerCase() || 'b'] ?? Number.NaN);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new CodedError({
    code: 'invalid-argument',
    message: `${JSON.stringify(text)} is not a size`,
    hint: 'Write a whole number of bytes, or one with a unit: 500k, 16M, 2G, 1T.',
  });
}

/** The share of 100 that `5%` or `2.5%` names. */
export function parsePercentage(text: string): number {
  const match = /^(\d+(?:\.\d+)?)%$/.exec(text.trim());
  const percent = match === null ? Number.NaN : Number(match[1]);
  if (percent >= 0 && percent <= 100) return percent;
  throw new CodedError({
    code: 'invalid-argument',
    message: `${JSON.stringify(text)} is not a percentage`,
    hint: 'Write a number from 0 to 100 and %, like 5% or 2.5%.',
  });
}
