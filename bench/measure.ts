import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Measurement {
  readonly wallSeconds: number;
  /** User and system time of the process and of the children it waited for. */
  readonly cpuSeconds: number;
  /** Largest resident memory of one process. */
  readonly peakMebibytes: number;
}

const wrapper = fileURLToPath(new URL('./measure-child.ts', import.meta.url));

/** Runs a command to its end and says what it took. A command that fails is an error: a benchmark of failures is worth nothing. */
export function measure(argv: readonly string[], env: Readonly<Record<string, string>>): Measurement {
  const result = join(tmpdir(), `holdfast-measure-${process.pid}.json`);
  const run = spawnSync(process.execPath, [wrapper, result, ...argv], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0 || run.signal !== null) throw new Error(`${argv.join(' ')} failed (${run.status ?? run.signal}):\n${run.stderr}`);
  try {
    return JSON.parse(readFileSync(result, 'utf8')) as Measurement;
  } finally {
    rmSync(result);
  }
}

/** The middle value; of an even count the lower one of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
