import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const name = 'ab'.repeat(32);

const program = `
  import { LocalStorage } from ${JSON.stringify(new URL('./local-storage.ts', import.meta.url).href)};
  const storage = new LocalStorage({ path: process.argv[1] });
  const parts = [new Uint8Array(1000), new Uint8Array(16 << 20)];
  const body = { sizeBytes: 1000 + (16 << 20), async *open() { yield* parts; } };
  await storage.save({ type: 'index', name: '${name}' }, body);
  await storage.remove({ type: 'index', name: '${name}' });
`;

/** The system calls of a trace that are about the directory, with descriptors shown as paths, and the calls only. */
function callsOn(trace: string, path: string): string[] {
  const lines = trace.split('\n').filter((line) => line.includes(path) && !line.includes('resumed>'));
  return lines.map((line) =>
    line
      .replace(/^\d+ +/, '')
      .replaceAll(path, '')
      .replaceAll(name, 'NAME')
      .replace(/-tmp-[0-9a-f]{16}/g, '-tmp')
      .replace(/^(\w+)\(\d+<([^>]*)>.*$/, '$1 $2')
      .replace(/^(\w+?)(?:at2?)?\([^"]*"([^"]*)"(?:[^"]*"([^"]*)")?.*$/, '$1 $2 $3')
      .trimEnd(),
  );
}

test('F32: the system itself is asked to sync the file, then to rename it, then to sync the directory', async (t) => {
  if (process.platform !== 'linux' || spawnSync('strace', ['-V']).error !== undefined) return t.skip('needs strace');
  const path = await mkdtemp(join(tmpdir(), 'holdfast-strace-'));
  try {
    const output = join(path, 'trace');
    const traced = [
      '-f',
      '-y',
      '-s',
      '8',
      '-e',
      'trace=mkdir,mkdirat,writev,pwrite64,fsync,rename,renameat,renameat2,chmod,fchmodat,unlink,unlinkat',
    ];
    const node = [process.execPath, '--input-type=module-typescript', '-e', program, path];
    await promisify(execFile)('strace', [...traced, '-o', output, '--', ...node]);
    const calls = callsOn(await readFile(output, 'utf8'), path).filter((call, index, all) => call !== all[index - 1]);
    assert.deepEqual(calls, [
      'mkdir /index',
      'fsync',
      'pwrite64 /index/NAME-tmp',
      'fsync /index/NAME-tmp',
      'rename /index/NAME-tmp /index/NAME',
      'fsync /index',
      'chmod /index/NAME',
      'unlink /index/NAME',
      'fsync /index',
    ]);
  } finally {
    await rm(path, { recursive: true });
  }
});
