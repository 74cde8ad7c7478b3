import { workerData } from 'node:worker_threads';
import { CodedError } from '@holdfast/kernel';
import { serveJobs } from '../../workers/serve-jobs.ts';
import { BlobOpener } from '../pack-io/blob-opener.ts';
import { releaseBytes } from '../pack-io/release-bytes.ts';
import { readSharedRecord } from '../pack-io/shared-record.ts';
import { attributeFilter } from './attribute-filter.ts';
import { ContentComparison } from './content-comparison.ts';
import type { WantedBlobs } from './content-queue.ts';
import { DirectoryHandles } from './directory-handles.ts';
import { EntryMaker } from './entry-maker.ts';
import { entryState } from './entry-state.ts';
import { ExistingEntries, verifyFile } from './existing-entries.ts';
import { FileWriter } from './file-writer.ts';
import { JobOutcome } from './job-outcome.ts';
import { MetadataRestorer } from './metadata-restorer.ts';
import { removeEntry } from './remove-entry.ts';
import type { BriefedJob, RestoreJob, RestoreJobResult, RestoreSetup } from './restore-job.ts';
import { RestorePlan } from './restore-plan.ts';

/* A thread of restore: does jobs on the shared plan with synchronous calls. */

const setup = workerData as RestoreSetup;
const metadata = new MetadataRestorer(process.geteuid?.() === 0, attributeFilter(setup.includeAttributes, setup.excludeAttributes));

const blobs = new BlobOpener(setup.masterKey);

/** What a thread keeps from its first job on. */
interface Tools {
  readonly plan: RestorePlan;
  readonly comparison: ContentComparison;
}

let tools: Tools | undefined;

serveJobs<BriefedJob, RestoreJobResult>(({ briefing, job }) => {
  const outcome = new JobOutcome();
  if (briefing === undefined) return { result: outcome.result() };
  const plan = tools?.plan ?? new RestorePlan(briefing.plan);
  plan.adopt(briefing.plan);
  tools ??= { plan, comparison: new ContentComparison(plan, throwIfCancelled) };
  using directories = new DirectoryHandles(plan, briefing.targetFd);
  perform(job, tools, directories, outcome);
  return { result: outcome.result() };
});

function perform(job: RestoreJob, { plan, comparison }: Tools, directories: DirectoryHandles, outcome: JobOutcome): void {
  switch (job.kind) {
    case 'ready':
      return;
    case 'survey': {
      const existing = new ExistingEntries(plan, directories, comparison, setup.overwrite, outcome);
      forEachEntry(job.entries, outcome, (number) => existing.survey(number));
      return;
    }
    case 'blobs': {
      using files = new FileWriter(plan, directories, metadata, setup, outcome);
      writeBlobs(job.bytes, job.offset, job.wanted, plan, files, outcome);
      releaseBytes(job.bytes);
      return;
    }
    case 'content': {
      using files = new FileWriter(plan, directories, metadata, setup, outcome);
      writeEverywhere(0, job.bytes, job.wanted, files);
      return;
    }
    case 'entries': {
      using files = new FileWriter(plan, directories, metadata, setup, outcome);
      const maker = new EntryMaker(plan, directories, metadata, setup.delete, outcome);
      forEachEntry(job.entries, outcome, (number) => {
        const entry = plan.entry(number);
        if (entry.kind !== 'file') maker.make(number, entry);
        else if (plan.shared.state[number] === entryState.keep) maker.refresh(number, entry);
        else files.finish(number);
      });
      return;
    }
    case 'remove': {
      const directory = directories.descriptor(job.directory);
      for (const name of job.names) {
        throwIfCancelled();
        try {
          removeEntry(directory, name, setup.dryRun, (path) => outcome.removed.push(path));
        } catch (error) {
          outcome.fail(job.directory, 'deletion', error, name);
        }
      }
      return;
    }
    case 'directories': {
      const maker = new EntryMaker(plan, directories, metadata, setup.delete, outcome);
      forEachEntry(job.entries, outcome, (number) => maker.finishDirectory(number, plan.entry(number)));
      return;
    }
    case 'verify':
      forEachEntry(job.entries, outcome, (number) => {
        const entry = plan.entry(number);
        const wrong = verifyFile(directories.descriptor(entry.directory), entry, comparison);
        if (wrong === undefined) outcome.finished.push(number);
        else outcome.add(number, 'content', 'restore-incomplete', wrong);
      });
  }
}

function writeBlobs(
  bytes: Uint8Array,
  offset: number,
  wanted: WantedBlobs,
  plan: RestorePlan,
  files: FileWriter,
  outcome: JobOutcome,
): void {
  for (const [place, record] of wanted.records.entries()) {
    const blob = readSharedRecord(plan.shared.blobs, record);
    const start = blob.offset - offset;
    let content: Uint8Array;
    try {
      content = blobs.open(bytes.subarray(start, start + blob.sealedBytes), blob.uncompressedBytes, blob.id).content;
    } catch (error) {
      if (!CodedError.is(error)) throw error;
      outcome.badBlobs.push({ place, reason: error.message });
      continue;
    }
    writeEverywhere(place, content, wanted, files);
  }
}

function writeEverywhere(place: number, content: Uint8Array, wanted: WantedBlobs, files: FileWriter): void {
  const end = wanted.useStarts[place + 1] as number;
  for (let use = wanted.useStarts[place] as number; use < end; use++) {
    throwIfCancelled();
    files.write(wanted.useEntries[use] as number, content, wanted.useOffsets[use] as number);
  }
}

function forEachEntry(entries: Uint32Array, outcome: JobOutcome, work: (number: number) => void): void {
  for (const number of entries) {
    throwIfCancelled();
    try {
      work(number);
    } catch (error) {
      if (CodedError.is(error)) throw error;
      outcome.fail(number, 'content', error);
    }
  }
}

function throwIfCancelled(): void {
  if (Atomics.load(setup.cancelled, 0) !== 0) throw new CodedError({ code: 'cancelled', message: 'The restore was cancelled' });
}
