import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Evidence } from './evidence.ts';
import { Verdict, verdict } from './verdict.ts';
import { backupEvidence, checkEvidence, pruneEvidence, restoreEvidence, retentionEvidence } from './verdict-evidence.ts';

type Path = readonly (string | number)[];

/** A copy in which the value at the path is another, or is missing. */
function spoilt(evidence: Evidence, path: Path, value: unknown): Evidence {
  const copy = structuredClone(evidence);
  spoil(copy, path, value);
  return copy;
}

function spoil(copy: Evidence, path: Path, value: unknown): void {
  let at = copy as unknown as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  const last = path.at(-1) as string | number;
  if (value === undefined && typeof last === 'string') delete at[last];
  else at[last] = value;
}

const error = { code: 'storage-full', message: 'The disk is full', hint: null, retry: 'permanent' };
const id = 'f'.repeat(64);

/** For each kind: good evidence, and each way in which one field of it is false or missing. */
const cases: readonly { good: Evidence; spoils: readonly [Path, readonly unknown[]][] }[] = [
  {
    good: backupEvidence(),
    spoils: [
      [
        ['exits', 0, 'code'],
        [1, null, undefined],
      ],
      [
        ['exits', 0, 'signal'],
        ['SIGKILL', undefined],
      ],
      [
        ['report', 'rootsFound'],
        [0, undefined],
      ],
      [
        ['report', 'rootsAsked'],
        [2, undefined],
      ],
      [
        ['report', 'sourceEnded'],
        [false, undefined],
      ],
      [
        ['report', 'bytes'],
        [14, undefined],
      ],
      [['leastBytes'], [31, undefined]],
      [['report', 'files'], [undefined]],
      [['report', 'directories'], [undefined]],
      [
        ['report', 'itemsLeftOut'],
        [1, undefined],
      ],
      [
        ['report', 'error'],
        [error, undefined],
      ],
      [
        ['report', 'runId'],
        ['other', undefined],
      ],
      [
        ['report', 'destinations', 0, 'snapshotId'],
        [null, 'short', undefined],
      ],
      [
        ['report', 'destinations', 0, 'reopened'],
        [false, undefined],
      ],
      [
        ['report', 'destinations', 1, 'treeMatches'],
        [false, undefined],
      ],
      [
        ['report', 'destinations', 1, 'error'],
        [error, undefined],
      ],
      [
        ['report', 'destinations', 1, 'storageServerId'],
        ['other', undefined],
      ],
      [['failure'], [error, undefined]],
    ],
  },
  {
    good: restoreEvidence(),
    spoils: [
      [
        ['exits', 0, 'code'],
        [3, null, undefined],
      ],
      [
        ['exits', 0, 'signal'],
        ['SIGTERM', undefined],
      ],
      [
        ['report', 'ended'],
        [false, undefined],
      ],
      [
        ['report', 'error'],
        [error, undefined],
      ],
      [
        ['report', 'filesRestored'],
        [4, undefined],
      ],
      [
        ['report', 'filesKept'],
        [0, undefined],
      ],
      [
        ['report', 'filesPlanned'],
        [8, undefined],
      ],
      [
        ['report', 'itemCount'],
        [1, undefined],
      ],
      [['report', 'items'], [[{ path: '/a', kind: 'damaged', reason: '' }]]],
      [
        ['report', 'verified'],
        [false, undefined],
      ],
      [
        ['report', 'dryRun'],
        [true, undefined],
      ],
    ],
  },
  {
    good: checkEvidence(),
    spoils: [
      [
        ['exits', 0, 'code'],
        [1, null, undefined],
      ],
      [
        ['report', 'ended'],
        [false, undefined],
      ],
      [
        ['report', 'errorCount'],
        [1, undefined],
      ],
      [['report', 'errors'], [['bad']]],
      [['report', 'damagedSnapshots'], [[id]]],
      [
        ['report', 'packsRead'],
        [0, undefined],
      ],
      [
        ['report', 'error'],
        [error, undefined],
      ],
      [['report', 'kind'], ['prune']],
    ],
  },
  {
    good: pruneEvidence(),
    spoils: [
      [
        ['exits', 0, 'code'],
        [1, null],
      ],
      [
        ['report', 'ended'],
        [false, undefined],
      ],
      [
        ['report', 'error'],
        [error, undefined],
      ],
      [['report', 'runId'], ['other']],
    ],
  },
  {
    good: retentionEvidence(),
    spoils: [
      [
        ['exits', 0, 'code'],
        [1, null],
      ],
      [['exits', 1, 'signal'], ['SIGKILL']],
      [['planned'], [null]],
      [
        ['report', 'ended'],
        [false, undefined],
      ],
      [
        ['report', 'error'],
        [error, undefined],
      ],
      [
        ['report', 'removed'],
        [[], [id], undefined],
      ],
      [
        ['report', 'remaining'],
        [[], undefined],
      ],
    ],
  },
];

for (const { good, spoils } of cases) {
  test(`a ${good.kind} with all evidence has succeeded`, () => {
    const { outcome, reasons, error: noError } = verdict(good);
    assert.deepEqual({ outcome, reasons, noError }, { outcome: 'succeeded', reasons: [], noError: null });
  });

  test(`F10: a ${good.kind} with any set of its 2^${spoils.length} fields false or missing has not`, () => {
    let count = 0;
    for (let set = 1; set < 2 ** spoils.length; set++) {
      const evidence = structuredClone(good);
      for (const [index, [path, values]] of spoils.entries()) {
        if ((set & (1 << index)) !== 0) spoil(evidence, path, values[count % values.length]);
      }
      const { outcome, reasons } = verdict(evidence);
      if (outcome === 'succeeded' || reasons.length === 0) assert.fail(`set ${set.toString(2)}: ${outcome}`);
      count++;
    }
  });

  test(`each single way in which a ${good.kind} can lack evidence counts`, () => {
    for (const [path, values] of spoils) {
      for (const value of values) assert.notEqual(verdict(spoilt(good, path, value)).outcome, 'succeeded', `${path.join('.')} = ${value}`);
    }
  });

  test(`a ${good.kind} without report, without process, or that was stopped or cancelled`, () => {
    assert.equal(verdict({ ...good, report: undefined }).outcome, 'failed');
    assert.equal(verdict({ ...good, exits: [] }).outcome === 'succeeded', false);
    assert.equal(verdict({ ...good, stopped: 'time-limit' }).outcome, 'failed');
    assert.equal(verdict({ ...good, stopped: 'time-limit' }).error?.code, 'time-limit');
    assert.equal(verdict({ ...good, stopped: 'shutdown' }).outcome, 'interrupted');
    assert.equal(verdict({ ...good, cancelRequested: true }).outcome, 'cancelled');
    assert.equal(verdict({ ...good, report: undefined, exits: [{ code: null, signal: 'SIGKILL' }] }).error?.code, 'run-died');
  });
}

test('F11: no storage server, no snapshot or nothing in it is never a success', () => {
  const good = backupEvidence();
  const { report } = good;
  assert.ok(report?.kind === 'backup');
  assert.equal(verdict({ ...good, destinations: [] }).outcome === 'succeeded', false);
  assert.equal(verdict({ ...good, destinations: [], report: { ...report, destinations: [] } }).outcome, 'failed');
  assert.equal(verdict({ ...good, report: { ...report, files: 0, directories: 0 } }).outcome, 'failed');
  assert.equal(verdict({ ...good, rootsAsked: 0, report: { ...report, rootsAsked: 0, rootsFound: 0 } }).outcome === 'succeeded', false);
});

test('F12: a destination that the report does not name makes the run partial, and is named', () => {
  const good = backupEvidence();
  assert.ok(good.report?.kind === 'backup');
  const result = verdict({ ...good, report: { ...good.report, destinations: good.report.destinations.slice(0, 1) } });
  assert.equal(result.outcome, 'partial');
  assert.deepEqual(result.reasons, ['Second: nothing is known of the snapshot there.']);
});

test('a backup that left items out is partial, and its snapshots are not complete', () => {
  const result = verdict(spoilt(backupEvidence(), ['report', 'itemsLeftOut'], 3));
  assert.equal(result.outcome, 'partial');
  assert.deepEqual(
    result.snapshots.map(({ confirmed, complete }) => [confirmed, complete]),
    [
      [true, false],
      [true, false],
    ],
  );
});

test('a backup that shrank sharply is partial, and its snapshots are not complete: no retention follows', () => {
  const result = verdict(spoilt(backupEvidence(), ['report', 'bytes'], 14));
  assert.equal(result.outcome, 'partial');
  assert.match(result.reasons.join(), /14 bytes, where at least 15/);
  assert.ok(result.snapshots.length === 2 && result.snapshots.every(({ confirmed, complete }) => confirmed && !complete));
});

test('a process that a signal ended after it had reported has failed', () => {
  const result = verdict(spoilt(backupEvidence(), ['exits', 0], { code: null, signal: 'SIGKILL' }));
  assert.equal(result.outcome, 'failed');
  assert.ok(result.snapshots.every(({ complete }) => !complete));
});

test('F10: a forget that says it removed what is still listed has failed', () => {
  const good = retentionEvidence();
  assert.ok(good.kind === 'retention' && good.report?.kind === 'forget' && good.planned !== null);
  const result = verdict({ ...good, report: { ...good.report, remaining: [...good.report.remaining, ...good.planned] } });
  assert.notEqual(result.outcome, 'succeeded');
});

test('retention with nothing to remove needs no process', () => {
  const good = retentionEvidence();
  assert.ok(good.kind === 'retention');
  assert.equal(verdict({ ...good, planned: [], exits: [], report: undefined }).outcome, 'succeeded');
});

test('what only looks like a verdict is none', () => {
  const real = verdict(backupEvidence());
  assert.ok(Verdict.isGenuine(real));
  assert.ok(!Verdict.isGenuine({ ...real } as Verdict));
  assert.ok(!Verdict.isGenuine(structuredClone(real)));
});

test('no other source writes that an outcome is succeeded', () => {
  const root = join(import.meta.dirname, '..');
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /(?<!\.test)\.ts$/.test(name));
  const writers = sources.filter((name) =>
    /(\boutcome: (?!string)|\.outcome = )[^{\n]*'succeeded'/.test(readFileSync(join(root, name), 'utf8')),
  );
  assert.deepEqual(writers, ['runs/verdict.ts']);
});
