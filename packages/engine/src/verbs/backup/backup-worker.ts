import { CodedError } from '@holdfast/kernel';
import { Chunker } from '../../chunker/chunker.ts';
import { ScryptMixer } from '../../crypto/scrypt-lane.ts';
import { Zstd } from '../../crypto/zstd.ts';
import { LocalTimeFormatter } from '../../format/go-time.ts';
import { AccountNames } from '../../posix/account-names.ts';
import { type Answer, serveJobs } from '../../workers/serve-jobs.ts';
import type { BackupJob, BackupJobResult, BackupSetup } from './backup-job.ts';
import { BlobSealer } from './blob-sealer.ts';
import { ContentStore, segmentBytes } from './content-store.ts';
import { DirectoryReader } from './directory-reader.ts';
import { asSource, EntryReader } from './entry-reader.ts';
import { Exclusions } from './exclusions.ts';
import { OutputRing } from './output-ring.ts';

const nothing: BackupJobResult = {
  parts: [],
  counts: { filesNew: 0, filesChanged: 0, filesUnmodified: 0, files: 0, bytes: 0 },
  problems: [],
};

/** What a thread works with, made when the run's set-up arrives. */
class Crew {
  readonly ring = new OutputRing((batch) => emit(batch));
  readonly sealer: BlobSealer;
  readonly contents: ContentStore;
  readonly reader: DirectoryReader;

  constructor(setup: BackupSetup) {
    this.sealer = new BlobSealer(setup.destinations, setup.compression, new Zstd(), this.ring);
    this.contents = new ContentStore(new Chunker(setup.polynomial, segmentBytes, setup.chunker), this.sealer);
    this.reader = new DirectoryReader({
      entries: new EntryReader(new AccountNames(), new LocalTimeFormatter(setup.timeZone), setup.withAtime),
      exclusions: new Exclusions(setup.exclusions),
      contents: this.contents,
      sealer: this.sealer,
      devices: setup.devices,
      ignoreCtime: setup.ignoreCtime,
      ignoreInode: setup.ignoreInode,
    });
  }
}

let emit: (event: unknown) => void = () => undefined;
let current: Crew | undefined;
const mixer = new ScryptMixer();

/** The worker thread of a backup: reads the source, cuts, hashes, compresses and seals. The main thread keeps index, packs and trees. */
serveJobs<BackupJob, BackupJobResult>((job, emitEvent): Answer<BackupJobResult> => {
  emit = emitEvent;
  if (job.kind === 'setup') {
    mixer.release();
    current = new Crew(job.setup);
    return { result: nothing };
  }
  if (job.kind === 'scrypt-lane') return { result: { ...nothing, mixed: mixer.mix(job.lane) } };
  if (current === undefined) throw new CodedError({ code: 'internal', message: 'A backup thread got a job before its set-up' });
  const result = run(current, job);
  current.ring.flush();
  const moved = result.parts.flatMap((part) => (part.kind === 'nodes' ? [part.json.buffer] : []));
  if (job.kind !== 'directory' || job.parentTree === undefined) return { result, transfer: moved };
  const spareMemory = job.parentTree.bytes.buffer;
  return { result: { ...result, spareMemory }, transfer: [...moved, spareMemory] };
});

function run({ sealer, contents, reader }: Crew, job: Exclude<BackupJob, { kind: 'setup' | 'scrypt-lane' }>): BackupJobResult {
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
    case 'contents':
      return { ...nothing, contents: contents.storeBatch(job.batch, (nextOffset) => emit({ kind: 'cut', nextOffset, atEnd: false })) };
    case 'tree':
      sealer.store('tree', job.bytes);
      return nothing;
  }
}
