import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { TestContext } from 'node:test';

/** Where test/services/install.ts unpacks the newest restic. */
export const resticPeerFolder: string = resolve(import.meta.dirname, '../../.cache/peers/restic');

const oldestMinor = 19;

/** The version that a program says it has, or undefined when it is not a restic that runs here. */
function resticMinor(program: string): number | undefined {
  const { stdout } = spawnSync(program, ['version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const minor = /^restic 0\.(\d+)\./.exec(stdout ?? '')?.[1];
  return minor === undefined ? undefined : Number(minor);
}

/**
 * The real restic, 0.19 or later, as the oracle of tests: `HOLDFAST_RESTIC`, else the one that `npm test` fetched, else the one on PATH.
 * Undefined where there is none; a `HOLDFAST_RESTIC` that does not fit is an error.
 */
export function findRestic(): string | undefined {
  const chosen = process.env['HOLDFAST_RESTIC'];
  const candidates = chosen === undefined || chosen === '' ? [`${resticPeerFolder}/usr/bin/restic`, 'restic'] : [chosen];
  const found = candidates.find((program) => (resticMinor(program) ?? 0) >= oldestMinor);
  if (found === undefined && candidates[0] === chosen)
    throw new Error(`HOLDFAST_RESTIC=${chosen} is not a restic of 0.${oldestMinor} or later`);
  return found;
}

/** As `findRestic`; where there is none the test is skipped, or fails under CI, and undefined is returned: `if (restic === undefined) return;` */
export function needRestic(t: TestContext): string | undefined {
  const found = findRestic();
  if (found !== undefined) return found;
  if (process.env['CI'] !== undefined) throw new Error(`needs restic 0.${oldestMinor} or later: see test/services/install.ts`);
  t.skip(`needs restic 0.${oldestMinor} or later`);
  return undefined;
}
