import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WriteStream } from 'node:tty';
import { ProgressLine } from './progress-line.ts';

/** What a stream that is a terminal, or is none, gets to see. */
function written(isTTY: boolean, enabled: boolean): string {
  let text = '';
  const stream = Object.assign(Object.create(WriteStream.prototype) as WriteStream, {
    isTTY,
    columns: 80,
    write: (chunk: string) => {
      text += chunk;
      return true;
    },
  });
  const line = new ProgressLine(stream, enabled, 10);
  line.update({ done: 512, total: 1024, bytes: true, detail: '3 files' });
  line.clear();
  return text;
}

test('progress is for a terminal only, and not for one that wants quiet', () => {
  assert.equal(written(false, true), '');
  assert.equal(written(true, false), '');
  assert.match(written(true, true), /50\.00% .*512 B \/ 1\.0+ KiB.* 3 files/);
});
