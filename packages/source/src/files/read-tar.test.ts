import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import fc from 'fast-check';
import { readTar } from './read-tar.ts';

const runs = Number(process.env['HOLDFAST_FC_RUNS'] ?? 60);

async function* pieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const cut of [...cuts.map((each) => each % (bytes.byteLength + 1)), bytes.byteLength].sort((a, b) => a - b)) {
    yield bytes.subarray(at, cut);
    at = cut;
  }
}

async function readAll(bytes: Buffer, cuts: readonly number[] = []): Promise<string[]> {
  const read: string[] = [];
  for await (const member of readTar(pieces(bytes, cuts))) {
    const content =
      member.type === 'file' ? Buffer.concat(await Array.fromAsync(member.content)).toString('latin1') : member.linkPath.toString('latin1');
    read.push(`${member.type} ${member.path.toString('latin1')} ${member.mtimeNs} ${content}`);
  }
  return read;
}

/** An archive of files with these contents, made by the tar of this machine. */
function archive(format: string, options: readonly string[] = []): { readonly bytes: Buffer; readonly lines: readonly string[] } {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-tar-'));
  try {
    mkdirSync(join(root, 'd'.repeat(120)));
    const names = ['short', 'l'.repeat(101), `${'d'.repeat(120)}/${'f'.repeat(120)}`, 'new\nline', 'ünï', '-x', 'empty'];
    for (const [i, name] of names.entries()) writeFileSync(join(root, name), name === 'empty' ? '' : `content ${i} `.repeat(i * 100 + 1));
    execFileSync('touch', ['-d', '@1234567890.123456789', ...names.map((name) => `./${name}`)], { cwd: root });
    execFileSync('ln', ['-f', 'short', 'hard link'], { cwd: root });
    execFileSync('ln', ['-s', `${'t'.repeat(150)}`, 'link'], { cwd: root });
    const all = [...names, 'hard link', 'link'].map((name) => `./${name}`);
    const bytes = execFileSync('tar', ['-c', '-f', '-', `--format=${format}`, ...options, '--', ...all], { cwd: root, maxBuffer: 1 << 26 });
    const time = format === 'posix' ? 1234567890123456789n : 1234567890000000000n;
    const lines = names.map((name, i) => {
      const content = name === 'empty' ? '' : `content ${i} `.repeat(i * 100 + 1);
      return `file ${Buffer.from(name).toString('latin1')} ${time} ${content}`;
    });
    return { bytes, lines: [...lines, `hard-link hard link ${time} short`] };
  } finally {
    rmSync(root, { recursive: true });
  }
}

for (const format of ['posix', 'gnu']) {
  test(`what GNU tar packs in the format ${format} is read back, wherever the stream is cut into pieces`, async () => {
    const { bytes, lines } = archive(format);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 20 }), async (cuts) => {
        const read = await readAll(bytes, cuts);
        assert.deepEqual(read.slice(0, lines.length), lines);
        assert.match(read.at(-1) ?? '', /^symlink link \d+ t{150}$/);
        assert.equal(read.length, lines.length + 1);
      }),
      { numRuns: runs },
    );
  });

  test(`an archive in the format ${format} that is cut short anywhere is an error`, async () => {
    const { bytes } = archive(format);
    const end = bytes.byteLength;
    // GNU tar fills up its last record: the archive proper ends with the first two empty blocks after the last member.
    const proper = properEnd(bytes);
    await fc.assert(
      fc.asyncProperty(fc.nat(proper - 1), async (kept) => {
        await assert.rejects(readAll(bytes.subarray(0, kept)), (error) => CodedError.is(error, 'source-incomplete'));
      }),
      { numRuns: runs },
    );
    assert.equal((await readAll(bytes.subarray(0, proper))).length, (await readAll(bytes.subarray(0, end))).length);
  });

  test(`an archive in the format ${format} with wrong bytes in it is an error of its own or an archive, never anything else`, async () => {
    const { bytes } = archive(format);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.byteLength - 1), fc.uint8Array({ minLength: 1, maxLength: 8 }), async (at, noise) => {
        const garbled = Buffer.from(bytes);
        garbled.set(noise.subarray(0, garbled.byteLength - at), at);
        try {
          await readAll(garbled);
        } catch (error) {
          if (!CodedError.is(error, 'source-incomplete')) throw error;
        }
      }),
      { numRuns: runs },
    );
  });
}

test('members that nobody reads are passed over, and a file beyond 8 GiB has its size', async () => {
  const { bytes, lines } = archive('posix');
  const paths: string[] = [];
  for await (const member of readTar(pieces(bytes, []))) paths.push(member.path.toString());
  assert.equal(paths.length, lines.length + 1);
  const root = mkdtempSync(join(tmpdir(), 'holdfast-tar-'));
  try {
    writeFileSync(join(root, 'huge'), '');
    truncateSync(join(root, 'huge'), 9 * 2 ** 30);
    for (const format of ['posix', 'gnu']) {
      const head = execFileSync('sh', ['-c', `tar -c -f - --format=${format} huge 2>/dev/null | head -c 4096`], { cwd: root });
      for await (const member of readTar(pieces(head, []))) {
        assert.equal(member.sizeBytes, 9 * 2 ** 30);
        break;
      }
    }
  } finally {
    rmSync(root, { recursive: true });
  }
});

function properEnd(bytes: Buffer): number {
  let end = bytes.byteLength;
  while (end >= 1024 && bytes.subarray(end - 512, end).every((byte) => byte === 0)) end -= 512;
  return end + 1024;
}
