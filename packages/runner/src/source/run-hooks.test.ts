import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Hook } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import { RunPlace } from '../testing/run-place.ts';

/** A hook that writes its name to a file, and does some more. */
function hook(place: RunPlace, name: string, more: Partial<Hook> = {}, script = 'true'): Hook {
  return Hook.parse({
    when: 'before',
    argv: ['sh', '-c', 'echo "$1" >>"$2"; eval "$3"', 'sh', name, join(place.root, 'order'), script],
    ...more,
  });
}

function order(place: RunPlace): string[] {
  const file = join(place.root, 'order');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

test('what comes before is done before anything is read, what comes after when all is stored', async () => {
  using place = new RunPlace();
  place.write('file', 'x');
  const access = await place.makeRepository('server');
  const made = join(place.source, "made; $(by) 'a hook'");
  const hooks = [
    hook(place, 'first', {}, `echo made >${quoted(made)}`),
    hook(place, 'gone', { when: 'after' }, `rm ${quoted(made)}`),
    hook(place, 'second', { workingDirectory: place.source }, 'test -f file'),
    hook(place, 'success', { when: 'after', after: 'success' }),
    hook(place, 'failure', { when: 'after', after: 'failure' }),
  ];
  const report = await place.run(place.backupPlan([access], { hooks }));
  assert.deepEqual([report.error, report.files, report.itemCount], [null, 2, 0]);
  assert.deepEqual(order(place), ['first', 'second', 'gone', 'success']);
  assert.ok(!existsSync(made));
  assert.match(place.log(), /Ran sh on this machine/);
});

test('one before that fails ends the run with nothing read; those after a failure are run, and theirs does not hide it', async () => {
  using place = new RunPlace();
  place.write('file', 'x');
  const access = await place.makeRepository('server');
  const hooks = [
    hook(place, 'fails', {}, 'echo "cannot freeze" >&2; exit 3'),
    hook(place, 'never'),
    hook(place, 'fails too', { when: 'after' }, 'exit 4'),
    hook(place, 'success', { when: 'after', after: 'success' }),
    hook(place, 'failure', { when: 'after', after: 'failure' }),
  ];
  const report = await place.run(place.backupPlan([access], { hooks }));
  assert.deepEqual([report.error?.code, report.files, report.destinations[0]?.snapshotId], ['command-failed', 0, null]);
  assert.match(String(report.error?.message), /^sh on this machine ended with exit code 3: cannot freeze$/);
  assert.deepEqual(order(place), ['fails', 'fails too', 'failure']);
  assert.match(place.log(), /error: sh on this machine ended with exit code 4/);
});

test('one after that fails is the error of a run whose snapshot is there; one that is only to be noted is an item', async () => {
  using place = new RunPlace();
  place.write('file', 'x');
  const access = await place.makeRepository('server');
  const noted = hook(place, 'noted', { failure: 'note' }, 'exit 1');
  const first = await place.run(place.backupPlan([access], { hooks: [noted, hook(place, 'fails', { when: 'after' }, 'kill -9 $$')] }));
  assert.equal(first.error?.code, 'command-failed');
  assert.deepEqual([first.destinations[0]?.treeMatches, first.items.map(({ kind }) => kind)], [true, ['hook']]);
  const second = await place.run(place.backupPlan([access], { hooks: [noted] }));
  assert.deepEqual([second.error, second.itemsLeftOut, second.itemCount], [null, 0, 1]);
  assert.ok(!place.log().includes('changed or went away'));
});

test('one that takes too long is ended; one that is no program says so', async () => {
  using place = new RunPlace();
  place.write('file', 'x');
  const access = await place.makeRepository('server');
  const slow = await place.run(place.backupPlan([access], { hooks: [hook(place, 'slow', { timeLimitSeconds: 1 }, 'sleep 60')] }));
  assert.equal(slow.error?.code, 'command-timeout');
  const none = await place.run(place.backupPlan([access], { hooks: [Hook.parse({ when: 'before', argv: ['/no such program'] })] }));
  assert.equal(none.error?.code, 'command-failed');
  assert.match(String(none.error?.message), /127/);
  const far = await place.run(place.backupPlan([access], { hooks: [hook(place, 'far', { link: 3 })] }));
  assert.equal(far.error?.code, 'invalid-argument');
});

test('a run that is cancelled still wakes what it brought to rest', async () => {
  using place = new RunPlace();
  place.write('file', 'x');
  const access = await place.makeRepository('server');
  const controller = new AbortController();
  const hooks = [hook(place, 'rest'), hook(place, 'slow', {}, 'sleep 60'), hook(place, 'wake', { when: 'after' })];
  const running = place.run(place.backupPlan([access], { hooks }), { signal: controller.signal });
  while (!order(place).includes('slow')) await new Promise((resolve) => setTimeout(resolve, 20));
  controller.abort(new CodedError({ code: 'cancelled', message: 'Enough' }));
  const report = await running;
  assert.equal(report.error?.code, 'cancelled');
  assert.deepEqual(order(place), ['rest', 'slow', 'wake']);
});

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}
