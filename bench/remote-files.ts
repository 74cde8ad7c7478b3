/**
 * What a backup of files through a host moves over the wire: a first one, one without changes, and one after so many files were changed.
 * Nothing is compressed on the way, so that the figures are what an uncompressed connection carries.
 *
 *   node bench/remote-files.ts [FILES] [CHANGED-PERCENT]     default: 60000 1
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalHost } from '@holdfast/connect/local';
import type { Host } from '@holdfast/connect/port';
import { Secret, systemClock } from '@holdfast/kernel';
import { FileSource } from '@holdfast/source/files';
import { LocalStorage } from '@holdfast/storage/local';
import { backup, Repository } from '../packages/engine/src/index.ts';
import { alteredHost } from '../test/support/far-hosts.ts';

const files = Number(process.argv[2] ?? 60_000);
const percent = Number(process.argv[3] ?? 1);
const perDirectory = 100;

interface Wire {
  listing: number;
  names: number;
  contents: number;
}

function counting(host: Host, wire: Wire): Host {
  async function* counted(bytes: AsyncIterable<Uint8Array>, key: keyof Wire): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes) {
      wire[key] += piece.byteLength;
      yield piece;
    }
  }
  return alteredHost(host, {
    stdout: (bytes, { argv }) => counted(bytes, argv[0] === 'sh' ? 'listing' : 'contents'),
    stdin: (bytes) => counted(bytes, 'names'),
  });
}

function pathOf(root: string, i: number): string {
  return join(root, `directory-${Math.floor(i / perDirectory)}`, `a file of the bench ${i}.txt`);
}

function contentOf(i: number, round: number): string {
  return `${round} ${i} some text that is no other file's\n`.repeat(1 + (i % 97));
}

const root = mkdtempSync(join(tmpdir(), 'holdfast-remote-bench-'));
try {
  const source = join(root, 'source');
  for (let i = 0; i < files; i++) {
    if (i % perDirectory === 0) mkdirSync(join(source, `directory-${i / perDirectory}`), { recursive: true });
    writeFileSync(pathOf(source, i), contentOf(i, 0));
  }
  const storage = new LocalStorage({ path: join(root, 'repository') });
  await using repository = await Repository.init({ storage, password: new Secret('bench'), scrypt: { N: 1024, r: 1, p: 1 } });
  await using host = new LocalHost();
  const run = async (name: string): Promise<void> => {
    const wire: Wire = { listing: 0, names: 0, contents: 0 };
    const entries = await FileSource.open(counting(host, wire));
    await using lock = await repository.lockAndLoadIndex({ exclusive: false });
    const parent = (await repository.snapshots()).toSorted((a, b) => (a.time < b.time ? -1 : 1)).at(-1);
    const start = systemClock.nowNs();
    const cpuBefore = process.cpuUsage();
    const { counts, problems } = await backup([{ repository, lock, parent }], { targets: [Buffer.from(source)], entries });
    const seconds = Number(systemClock.nowNs() - start) / 1e9;
    const cpu = process.cpuUsage(cpuBefore);
    const { filesNew, filesChanged, filesUnmodified, bytes } = counts;
    const figures = {
      seconds: Number(seconds.toFixed(2)),
      cpuSeconds: Number(((cpu.user + cpu.system) / 1e6).toFixed(2)),
      filesNew,
      filesChanged,
      filesUnmodified,
      bytes,
      ...wire,
      problems: problems.length,
    };
    process.stdout.write(`${name}: ${JSON.stringify(figures)}\n`);
  };
  await run('first');
  await run('unchanged');
  const step = Math.max(1, Math.round(100 / percent));
  for (let i = 0; i < files; i += step) writeFileSync(pathOf(source, i), contentOf(i, 1));
  await run(`${percent} % changed`);
  process.stdout.write(`peak memory of this process: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB\n`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
