import { readdirSync } from 'node:fs';
import { StatReader } from '../../posix/file-stat.ts';
import { serveJobs } from '../../workers/serve-jobs.ts';
import { EntryPath } from './entry-path.ts';
import { asSource, nodeType } from './entry-reader.ts';
import { Exclusions } from './exclusions.ts';
import type { ScanJob, ScanTotals } from './scan-job.ts';

const slash = Buffer.from('/');
const none = Buffer.alloc(0);
const tellEveryMs = 250;

/** The worker thread that runs ahead of a backup and counts what there is. What it cannot read it leaves to the backup to report. */
serveJobs<ScanJob, ScanTotals>((job, emit) => {
  const exclusions = new Exclusions(job.exclusions);
  const stats = new StatReader();
  const totals = { files: 0, bytes: 0 };
  let toldMs = performance.now();
  const waiting: EntryPath[] = job.targets.map((target) => new EntryPath(none, target));
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    const { path, cPath } = entry;
    try {
      const stat = asSource(path, () => stats.path(cPath));
      const type = nodeType(stat.mode);
      if (job.devices !== undefined && !job.devices.includes(stat.deviceId)) continue;
      if (type === 'file' && !exclusions.excludesSize(stat.sizeBytes)) {
        totals.files += 1;
        totals.bytes += stat.sizeBytes;
      } else if (type === 'dir') {
        const prefix = path.equals(slash) ? slash : Buffer.concat([path, slash]);
        const names = asSource(path, () => readdirSync(path, { encoding: 'latin1' }));
        for (const name of exclusions.keptNames(path, names)) {
          const below = new EntryPath(prefix, Buffer.from(name, 'latin1'));
          if (!exclusions.excludesPath(below.path)) waiting.push(below);
        }
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'source-unreadable')) throw error;
    }
    if (performance.now() - toldMs < tellEveryMs) continue;
    toldMs = performance.now();
    emit({ ...totals });
  }
  return { result: totals };
});
