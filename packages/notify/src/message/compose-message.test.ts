import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Notice } from '@holdfast/contract';
import { sampleNotice } from '../testing/sample-notice.ts';
import { composeMessage } from './compose-message.ts';
import { messageText } from './layout-message.ts';

const full = {
  code: 'storage-full',
  message: 'The storage has no room left: /srv/backup.',
  hint: 'Make room on the disk of /srv/backup.',
  retry: 'permanent' as const,
};
const noRun = { runId: null, runKind: null, destinations: [], files: null, bytes: null, addedBytes: null, durationMs: null };

const golden: readonly { readonly notice: Notice; readonly text: string }[] = [
  {
    notice: sampleNotice({
      event: 'failed',
      error: full,
      destinations: [
        { name: 'NAS', ok: true, text: 'stored, 118 MiB' },
        { name: 'Attic', ok: false, text: 'no room left' },
      ],
    }),
    text: `❌ Backup “Photos” failed
The storage has no room left: /srv/backup.
What to do: Make room on the disk of /srv/backup.

❌ Attic: no room left
✅ NAS: stored, 118 MiB
Backed up: 51 234 files, 5.20 GiB, 118 MiB of it new
Took: 3 min 12 s
Error code: storage-full
When: Wed 25 Nov 2026, 03:04 (Europe/Berlin)
Next run: Thu 26 Nov 2026, 03:00 (Europe/Berlin)

http://nas.local:8484/runs/3`,
  },
  {
    notice: sampleNotice({
      event: 'failed',
      title: 'NAS',
      backupId: null,
      runKind: 'check',
      destinations: [],
      files: null,
      addedBytes: null,
      nextRunMs: null,
      link: null,
      error: { ...full, code: 'check-failed', message: 'The repository has 2 errors.', hint: null },
    }),
    text: `❌ Check of storage server “NAS” failed
The repository has 2 errors.
What to do: Read the log of the run.

Checked: 5.20 GiB
Took: 3 min 12 s
Error code: check-failed
When: Wed 25 Nov 2026, 03:04 (Europe/Berlin)`,
  },
  {
    notice: sampleNotice({ event: 'warning', itemCount: 3 }),
    text: `⚠️ Backup “Photos” ended with warnings
3 items have problems.
What to do: The report lists each of them with its reason.

✅ NAS: stored, 118 MiB
Backed up: 51 234 files, 5.20 GiB, 118 MiB of it new
Took: 3 min 12 s
When: Wed 25 Nov 2026, 03:04 (Europe/Berlin)
Next run: Thu 26 Nov 2026, 03:00 (Europe/Berlin)

http://nas.local:8484/runs/3`,
  },
  {
    notice: sampleNotice({ event: 'recovered', link: null }),
    text: `✅ Backup “Photos” works again
It had failed before. The latest run succeeded.

✅ NAS: stored, 118 MiB
Backed up: 51 234 files, 5.20 GiB, 118 MiB of it new
Took: 3 min 12 s
When: Wed 25 Nov 2026, 03:04 (Europe/Berlin)
Next run: Thu 26 Nov 2026, 03:00 (Europe/Berlin)`,
  },
  {
    notice: sampleNotice({ ...noRun, event: 'missed', missedCount: 2, timeZone: 'America/New_York', link: null }),
    text: `⚠️ Backup “Photos” missed 2 runs
They were due and did not happen.
What to do: See that Holdfast was running at that time and that no other run took too long.

When: Tue 24 Nov 2026, 21:04 (America/New_York)
Next run: Wed 25 Nov 2026, 21:00 (America/New_York)`,
  },
  {
    notice: sampleNotice({ ...noRun, event: 'overdue', nextRunMs: null, timeZone: 'Nowhere/At_All', link: null }),
    text: `❌ Backup “Photos” is overdue
It should have succeeded by now, and has not.
What to do: See that Holdfast keeps running and how the latest runs of this backup ended.

When: Wed 25 Nov 2026, 02:04 (UTC)
Next run: none is planned`,
  },
  {
    notice: sampleNotice(),
    text: `✅ Backup “Photos” succeeded

✅ NAS: stored, 118 MiB
Backed up: 51 234 files, 5.20 GiB, 118 MiB of it new
Took: 3 min 12 s
When: Wed 25 Nov 2026, 03:04 (Europe/Berlin)
Next run: Thu 26 Nov 2026, 03:00 (Europe/Berlin)

http://nas.local:8484/runs/3`,
  },
  {
    notice: sampleNotice({ ...noRun, event: 'test', backupId: null, nextRunMs: null, link: null }),
    text: `ℹ️ Test message from Holdfast
If you can read this, Holdfast reaches you here.

When: Wed 25 Nov 2026, 03:04 (Europe/Berlin)`,
  },
];

for (const { notice, text } of golden) {
  const first = text.split('\n', 1)[0] ?? '';
  test(`the message reads: ${first}`, () => assert.equal(messageText(composeMessage(notice)).replaceAll('\u202f', ' '), text));
}

test('of many storage servers those that failed come first, and the rest is counted', () => {
  const destinations = Array.from({ length: 25 }, (_, index) => ({ name: `S${index}`, ok: index < 13, text: 'done' }));
  const { facts } = composeMessage(sampleNotice({ event: 'failed', destinations }));
  assert.deepEqual(
    facts.slice(0, 11).map(({ label, ok }) => [label, ok]),
    [...Array.from({ length: 10 }, (_, index) => [`S${index + 13}`, false]), ['Besides', false]],
  );
  assert.equal(facts[10]?.value, '15 storage servers, 2 failed');
});

test('a name that turns the direction of text or breaks the line stays in its place', () => {
  const { title } = composeMessage(sampleNotice({ title: 'a\u202efdp\nexe\u0007\u2067' }));
  assert.equal(title, 'Backup “afdp exe” succeeded');
  assert.equal(composeMessage(sampleNotice({ title: 'תמונות' })).title, 'Backup “\u2068תמונות\u2069” succeeded');
});

test('a link that is no web address is left out', () => {
  for (const link of ['javascript:alert(1)', 'nas', `http://a/${'b'.repeat(2000)}`, '']) {
    assert.equal(composeMessage(sampleNotice({ link })).link, null);
  }
  assert.equal(composeMessage(sampleNotice({ link: 'http://a/"<b>' })).link, 'http://a/%22%3Cb%3E');
});
