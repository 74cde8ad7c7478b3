import { CodedError } from '@holdfast/kernel';
import { parsePercentage, parseSize } from './size.ts';

/** Which packs `--read-data-subset` means. */
export type DataSubset =
  | { readonly kind: 'part'; readonly part: number; readonly of: number }
  | { readonly kind: 'percent'; readonly percent: number }
  | { readonly kind: 'size'; readonly sizeBytes: number };

interface Pack {
  readonly name: string;
  readonly sizeBytes: number;
}

const maxParts = 256;

/** `n/t` (one of up to 256 fixed parts), `x%` or a size (chosen at random each time). */
export function parseSubset(text: string): DataSubset {
  const match = /^(\d+)\/(\d+)$/.exec(text.trim());
  if (match !== null) {
    const [part, of] = [Number(match[1]), Number(match[2])];
    if (part >= 1 && part <= of && of <= maxParts) return { kind: 'part', part, of };
    throw wrong(text, `the part must be from 1 to the number of parts, and that at most ${maxParts}`);
  }
  if (text.trim().endsWith('%')) {
    const percent = parsePercentage(text);
    if (percent > 0) return { kind: 'percent', percent };
    throw wrong(text, 'the percentage must be above 0');
  }
  const sizeBytes = parseSize(text);
  if (sizeBytes > 0) return { kind: 'size', sizeBytes };
  throw wrong(text, 'the size must be above 0');
}

/** The packs of the subset. `below` draws a whole number, 0 ≤ n < limit. */
export function selectSubset<T extends Pack>(packs: readonly T[], subset: DataSubset, below: (limit: number) => number): readonly T[] {
  if (subset.kind === 'part') return packs.filter(({ name }) => Number.parseInt(name.slice(0, 2), 16) % subset.of === subset.part - 1);
  const shuffled = [...packs];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
  }
  if (subset.kind === 'percent') return shuffled.slice(0, Math.max(1, Math.floor((packs.length * subset.percent) / 100)));
  let bytes = 0;
  return shuffled.filter(({ sizeBytes }) => {
    if (bytes + sizeBytes > subset.sizeBytes) return false;
    bytes += sizeBytes;
    return true;
  });
}

function wrong(text: string, why: string): CodedError {
  return new CodedError({
    code: 'invalid-argument',
    message: `${JSON.stringify(text)} is not a subset of data: ${why}`,
    hint: 'Write n/t for the n-th of t parts, or a share like 10%, or a size like 5G.',
  });
}
