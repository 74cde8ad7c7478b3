import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mostItems, type RunEvent, RunEvent as RunEventForm, type RunProgress } from '@holdfast/contract';
import { ManualClock } from '@holdfast/kernel';
import { ItemList } from './item-list.ts';
import { RunTeller } from './run-teller.ts';
import { escapedName, shownPath } from './shown-path.ts';

function tell(): { clock: ManualClock; teller: RunTeller; events: RunEvent[]; last: () => RunProgress } {
  const clock = new ManualClock(1_000_000_000_000_000_000n);
  const events: RunEvent[] = [];
  const teller = new RunTeller(clock, (event) => events.push(RunEventForm.parse(event)));
  const last = (): RunProgress => {
    const found = events.findLast((event) => event.type === 'progress');
    assert.ok(found?.type === 'progress');
    return found;
  };
  return { clock, teller, events, last };
}

test('progress is told at most four times a second, log lines at once, and the last progress in any case', () => {
  const { clock, teller, events, last } = tell();
  for (let ms = 0; ms < 10_000; ms++) {
    teller.advance({ step: 'Reading files', bytesDone: ms });
    clock.advance(1);
  }
  assert.equal(events.length, 40);
  teller.log('warning', 'A line');
  assert.equal(events.length, 41);
  teller.finish();
  assert.equal(last().bytesDone, 9_999);
});

test('how far a step came in the end is told before the next step', () => {
  const { teller, last } = tell();
  teller.advance({ step: 'Reading files', filesDone: 1 });
  teller.advance({ step: 'Reading files', filesDone: 2, filesTotal: 2 });
  teller.advance({ step: 'Reading back' });
  assert.deepEqual([last().step, last().filesDone, last().filesTotal], ['Reading files', 2, 2]);
});

test('the rate and the time left settle on what is going on, and jump with no single measurement', () => {
  const { clock, teller, last } = tell();
  for (let second = 0; second <= 60; second++) {
    teller.advance({ step: 'Reading files', bytesDone: second * 1000, bytesTotal: 100_000 });
    clock.advance(1000);
  }
  assert.ok(Math.abs((last().bytesPerSecond ?? 0) - 1000) < 1);
  assert.ok(Math.abs((last().secondsLeft ?? 0) - 40) < 1);
  teller.advance({ step: 'Reading files', bytesDone: 60_000 + 20_000, bytesTotal: 100_000 });
  assert.ok((last().bytesPerSecond ?? 0) < 4_000);
  clock.advance(1000);
  teller.advance({ step: 'Another', bytesDone: 0 });
  assert.deepEqual([last().bytesPerSecond, last().secondsLeft, last().bytesTotal], [null, null, null]);
});

test('a clock that is set back holds no progress up', () => {
  const { clock, teller, events } = tell();
  teller.advance({ step: 'Reading files', bytesDone: 1 });
  clock.advance(-3_600_000);
  teller.advance({ step: 'Reading files', bytesDone: 2 });
  assert.equal(events.length, 2);
});

test('of many items the first are kept and all are counted', () => {
  const list = new ItemList();
  for (let i = 0; i < mostItems + 500; i++) list.add({ path: `/${i}`, kind: 'unreadable', reason: '' });
  assert.deepEqual([list.items.length, list.count], [mostItems, mostItems + 500]);
});

test('names that are no UTF-8 are escaped; valid ones stay exact, for people without control characters', () => {
  assert.equal(escapedName(Buffer.from([0x61, 0xff, 0x2f, 0x80])), 'a\\xff/\\x80');
  assert.equal(escapedName(Buffer.from('grün 🦊 \n')), 'grün 🦊 \n');
  assert.equal(shownPath(Buffer.from('grün 🦊 \n\u202e')), 'grün 🦊 \\u000a\\u202e');
});
