import { workerData } from 'node:worker_threads';
import { Chunker } from '../../chunker/chunker.ts';
import { Zstd } from '../../crypto/zstd.ts';
import { LocalTimeFormatter } from '../../format/go-time.ts';
import { AccountNames } from '../../posix/account-names.ts';
import { type Answer, serveJobs } from '../../workers/serve-jobs.ts';
import type { BackupJob, BackupJobResult, BackupWorkerData } from './backup-job.ts';
import { BlobSealer } from './blob-sealer.ts';
import { ContentStore, segmentBytes } from './content-store.ts';
import { DirectoryReader } from './directory-reader.ts';
import { asSource, EntryReader } from './entry-reader.ts';
import { Exclusions } from './exclusions.ts';
import { OutputRing } from './output-ring.ts';

const nothing: BackupJobResult = { parts: [], counts: { filesNew: 0, filesChanged: 0, filesUnmodified: 0, files: 0, bytes: 0 }, problems: [] };

const data = workerData as BackupWorkerData;
let emit: (event: unknown) => void = () => {};
const ring = new OutputRing((batch) => emit(batch));
const sealer = new BlobSealer(data.destinations, data.compression, new Zstd(), ring);
const contents = new ContentStore(new Chunker(data.polynomial, segmentBytes, data.chunker), sealer);
const entries = new EntryReader(new AccountNames(), data.withAtime);
const reader = new DirectoryReader({
  entries,
  exclusions: new Exclusions(data.exclusions),
  contents,
  sealer,
  times: new LocalTimeFormatter(data.timeZone),
  devices: data.devices,
  ignoreCtime: data.ignoreCtime,
  ignoreInode: data.ignoreInode,
});

/** The worker thread of a backup: reads the source, cuts, hashes, compresses and seals. The main thread keeps index, packs and trees. */
serveJobs<BackupJob, BackupJobResult>((job, emitEvent): Answer<BackupJobResult> => {
  emit = emitEvent;
  const result = run(job);
  ring.flush();
  return { result };
});

function run(job: BackupJob): BackupJobResult {
  switch (job.kind) {
    case 'tables':
      sealer.tables = job.tables;
      return nothing;
    case 'directory':
      return reader.readDirectory(Buffer.from(job.path), job.deviceAllowed, job.parentTree);
    case 'entry':
      return reader.readTarget(Buffer.from(job.path), job.name, job.previous, job.explicit);
    case 'files':
      return reader.readFiles(Buffer.from(job.directory), job.names);
    case 'segment': {
      const onCut = (nextOffset: number, atEnd: boolean): void => emit({ kind: 'cut', nextOffset, atEnd });
      return { ...nothing, ...asSource(Buffer.from(job.path), () => contents.storeSegment(job.fd, job.offset, onCut)) };
    }
    case 'piece': {
      const stored = contents.storePiece(job.bytes, job.atEnd, (usedBytes) => emit({ kind: 'cut', nextOffset: usedBytes, atEnd: job.atEnd }));
      return { ...nothing, ...stored };
    }
    case 'tree':
      sealer.store('tree', job.bytes);
      return nothing;
  }
}
