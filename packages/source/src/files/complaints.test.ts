import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { collectComplaints, problemIn } from './complaints.ts';

const odd = [
  'plain',
  "quote'",
  'quote"',
  'new\nline',
  'back\\slash',
  'a: b',
  "a': b: Permission denied",
  'tab\t',
  'ünï',
  ' ',
  '-rf',
  '\x7f\x01',
];
const raw = Buffer.from([0x63, 0x61, 0x66, 0xe9]);

/** What a command run as nobody says, in the locale C. */
async function said(command: string, ...words: readonly string[]): Promise<Buffer[]> {
  const { stderr } = spawnSync('su', ['-s', '/bin/sh', 'nobody', '-c', `LC_ALL=C; export LC_ALL; ${command}`, 'sh', ...words]);
  async function* once(): AsyncGenerator<Uint8Array> {
    yield stderr;
  }
  return [...(await collectComplaints(once())).lines];
}

test('F62 what GNU find, GNU tar and BusyBox say about a file is read back to its path, whatever its name holds', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root, to be somebody else');
  const root = mkdtempSync(join(tmpdir(), 'holdfast-complaints-'));
  try {
    chmodSync(root, 0o755);
    const at = (kind: string, name: string | Buffer): Buffer => Buffer.concat([Buffer.from(`${root}/${kind}/`), Buffer.from(name)]);
    for (const kind of ['files', 'directories']) mkdirSync(join(root, kind));
    for (const name of [...odd, raw]) {
      writeFileSync(at('files', name), 'x', { mode: 0o000 });
      mkdirSync(at('directories', name), { mode: 0o000 });
    }
    const expected = (kind: string, names: readonly (string | Buffer)[]): string[] =>
      names.map((name) => `unreadable ${at(kind, name).toString('latin1')}`).sort();
    const read = (lines: readonly Buffer[], resolve?: (name: Buffer) => Uint8Array): string[] =>
      lines.flatMap((line) => {
        const problem = problemIn(line, Buffer.from('/fallback'), resolve);
        return problem === undefined ? [] : [`${problem.kind} ${Buffer.from(problem.path).toString('latin1')}`];
      });
    const find = await said('find "$1"', join(root, 'directories'));
    assert.deepEqual(read(find).sort(), expected('directories', [...odd, raw]));
    const below = (name: Buffer): Buffer => Buffer.concat([Buffer.from('/'), name]);
    const tar = 'cd / && find "$1" -type f -print0 | tar -c -f - --null --ignore-failed-read --quoting-style=escape -T - | cat >/dev/null';
    assert.deepEqual(read(await said(tar, join(root, 'files').slice(1)), below).sort(), expected('files', [...odd, raw]));
    const { status } = spawnSync('busybox', ['true']);
    if (status !== 0) return;
    // BusyBox escapes nothing: a line break in a name cannot be told from one behind a line, nor such a name from what stands behind it.
    const tellable = [...odd.filter((name) => !name.includes('\n') && !name.includes("': b")), raw];
    for (const command of ['busybox find "$1"', 'busybox tar -c -f - -C / "$2" | cat >/dev/null']) {
      const kind = command.includes('tar') ? 'files' : 'directories';
      const path = join(root, kind);
      const got = read(await said(command, path, path.slice(1)), (name) => (name[0] === 0x2f ? name : below(name)));
      for (const line of expected(kind, tellable)) assert.ok(got.includes(line), `${command}: ${line} of ${got.join(' | ')}`);
      assert.ok(got.every((line) => line.startsWith('unreadable ')));
    }
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('summaries and what is no word of these tools are about no file, and the rest is never dropped', () => {
  const fallback = Buffer.from('/target');
  const about = (line: string): string | undefined => {
    const problem = problemIn(Buffer.from(line), fallback);
    return problem && `${problem.kind} ${Buffer.from(problem.path)}`;
  };
  assert.equal(about('tar: Exiting with failure status due to previous errors'), undefined);
  assert.equal(about('tar: error exit delayed from previous errors'), undefined);
  assert.equal(about('Warning: Permanently added db1 to the list of known hosts.'), undefined);
  assert.equal(about('find: something odd happened'), 'unreadable /target');
  assert.equal(about("find: '/a/b': No such file or directory"), 'vanished /a/b');
  assert.equal(about('tar: /a/b: file changed as we read it'), 'changed /a/b');
  assert.equal(about('tar: /a/b: File shrank by 12 bytes; padding with zeros'), 'changed /a/b');
});
