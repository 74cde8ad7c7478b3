import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemRandom } from '@holdfast/kernel';
import { needRestic } from './support/restic.ts';
import { ServerKillCourse } from './support/server-kill-course.ts';

const kills = Number(process.env['HOLDFAST_SERVER_KILLS'] ?? '2');
const seed = process.env['HOLDFAST_SERVER_KILL_SEED'] ?? String(systemRandom.below(1_000_000));

test(`F43 kill-manager: ${kills} kills of the server at random moments lose no configuration, leave no run running, and backups and schedules go on (seed "${seed}")`, {
  timeout: 7_200_000,
}, async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  const root = mkdtempSync(join(tmpdir(), 'holdfast-server-kill-'));
  const course = new ServerKillCourse(seed, restic, root);
  try {
    await course.start();
    const fromMs = performance.now();
    let iterations = 0;
    for (; course.kills < kills; iterations++) await course.killOnce();
    const eachMs = Math.round((performance.now() - fromMs) / iterations);
    await course.end();
    const { model, startMs, killedRuns, snapshots } = course;
    t.diagnostic(
      `${course.kills} kills (${course.killsInRun} with runs under way, ${course.killsWhileStarting} while starting), ${eachMs} ms for each; ` +
        `${model.acknowledged} changes acknowledged, of those in doubt ${model.inDoubtMade} made and ${model.inDoubtNotMade} not; ` +
        `${course.runsAcknowledged} runs acknowledged, interrupted: ${[...killedRuns].map(([kind, count]) => `${kind} ${count}`).join(', ') || 'none'}`,
    );
    t.diagnostic(
      `restarts took ${Math.round(startMs.reduce((sum, ms) => sum + ms, 0) / startMs.length)} ms, at most ${Math.max(...startMs)} ms; ` +
        `${course.scheduledRuns} runs of the schedule; ${course.checks} checks by restic between; ` +
        `${snapshots.recorded} snapshots recorded, ${snapshots.stored} stored`,
    );
    assert.ok(course.killsInRun > 0 || kills < 10, 'kills hit runs');
  } finally {
    await course.close();
    rmSync(root, { recursive: true, force: true });
  }
});
