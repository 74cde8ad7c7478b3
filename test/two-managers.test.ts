import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { needRestic } from './support/restic.ts';
import { SeededRandom } from './support/seeded-random.ts';
import { SharedRepository } from './support/shared-repository.ts';

const rounds = Number(process.env['HOLDFAST_TWO_MANAGERS_ROUNDS'] ?? '3');
const seed = process.env['HOLDFAST_TWO_MANAGERS_SEED'] ?? 'two at the same time';

test(`F28 two-managers: ${rounds} rounds of verbs at the same time on one repository succeed or are refused by a lock, and lose nothing (seed "${seed}")`, {
  timeout: 7_200_000,
}, async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  const root = mkdtempSync(join(tmpdir(), 'holdfast-two-managers-'));
  try {
    const random = new SeededRandom(seed);
    const shared = await SharedRepository.make(random, restic, root);
    for (let round = 0; round < rounds; round++) await shared.round(random.below(3) === 0);
    await shared.end();
    const { succeeded, refused } = shared;
    t.diagnostic(`${succeeded + refused} runs: ${succeeded} succeeded, ${refused} were refused by a lock`);
    for (const [what, count] of [...shared.counts].sort()) t.diagnostic(`${what}: ${count}`);
    assert.ok(succeeded > rounds / 2, 'most runs get their turn');
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
