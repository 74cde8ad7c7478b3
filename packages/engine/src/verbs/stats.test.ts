import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Secret } from '@holdfast/kernel';
import { LocalStorage } from '@holdfast/storage/local';
import { needRestic } from '../../../../test/support/restic.ts';
import { SeededRandom } from '../../../../test/support/seeded-random.ts';
import { Repository } from '../repository/repository.ts';
import { type StatsMode, stats } from './stats.ts';

test('counts what restic counts, in every mode', async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  const root = mkdtempSync(join(tmpdir(), 'holdfast-stats-'));
  try {
    const repository = join(root, 'repository');
    const files = join(root, 'files');
    const env = { ...process.env, RESTIC_PASSWORD: 'stats', RESTIC_REPOSITORY: repository };
    const run = (...args: string[]): string => execFileSync(restic, ['--no-cache', ...args], { env, encoding: 'utf8' });
    const random = new SeededRandom('stats');
    mkdirSync(join(files, 'deep/er'), { recursive: true });
    writeFileSync(join(files, 'large'), random.bytes(3 << 20));
    writeFileSync(join(files, 'text'), 'some text '.repeat(10_000));
    writeFileSync(join(files, 'empty'), '');
    copyFileSync(join(files, 'text'), join(files, 'deep/same'));
    linkSync(join(files, 'large'), join(files, 'deep/er/linked'));
    symlinkSync('large', join(files, 'link'));
    run('init');
    run('backup', files);
    writeFileSync(join(files, 'deep/er/more'), random.bytes(2 << 20));
    run('backup', files);
    await using opened = await Repository.open({ storage: new LocalStorage({ path: repository }), password: new Secret('stats') });
    await opened.loadIndex();
    const snapshots = await opened.snapshots();
    for (const mode of ['restore-size', 'files-by-contents', 'blobs-per-file', 'raw-data'] satisfies StatsMode[]) {
      const theirs = JSON.parse(run('stats', '--mode', mode, '--json')) as Record<string, number>;
      const ours = await stats(opened, snapshots, { mode });
      const { compressedBlobs } = ours;
      assert.deepEqual(
        {
          total_size: ours.totalBytes,
          total_file_count: ours.files,
          total_blob_count: ours.blobs,
          total_uncompressed_size: ours.uncompressedBytes,
          compression_ratio: compressedBlobs.bytes === 0 ? 0 : compressedBlobs.uncompressedBytes / compressedBlobs.bytes,
          snapshots_count: ours.snapshots,
        },
        {
          total_size: theirs['total_size'],
          total_file_count: theirs['total_file_count'] ?? 0,
          total_blob_count: theirs['total_blob_count'] ?? 0,
          total_uncompressed_size: theirs['total_uncompressed_size'] ?? 0,
          compression_ratio: theirs['compression_ratio'] ?? 0,
          snapshots_count: theirs['snapshots_count'],
        },
        mode,
      );
    }
  } finally {
    rmSync(root, { recursive: true });
  }
});
