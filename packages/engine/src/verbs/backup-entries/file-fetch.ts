import { CodedError } from '@holdfast/kernel';
import type { NodeTemplate } from '../../format/encode-node.ts';
import type { ItemProblem } from '../backup/backup-job.ts';
import type { WalkCounts } from '../backup/source-walk.ts';
import { Beside } from './beside.ts';
import type { ContentIntake, TakenContent } from './content-intake.ts';
import type { DeliveredItem, EntrySource, ListedEntry, SourceProblem } from './entry-source.ts';
import { listedProblem } from './listed-problem.ts';
import type { OpenDirectory } from './open-directory.ts';

/** A file whose content is to be fetched. */
export interface WantedFile {
  readonly entry: ListedEntry;
  readonly template: NodeTemplate;
  readonly directory: OpenDirectory;
  readonly name: Uint8Array;
}

export interface FileFetchOptions {
  readonly source: EntrySource;
  readonly intake: ContentIntake;
  readonly counts: WalkCounts;
  readonly onProblem: (problem: ItemProblem) => void;
  readonly onAdvance: () => void;
  readonly signal: AbortSignal | undefined;
}

type Content = Extract<DeliveredItem, { kind: 'content' }>;

/** How many independent contents are taken at once: each has memory of its own. */
const mostBeside = 4;

/** A content that is being stored: an object, since a promise for a promise would wait for both. */
interface OnItsWay {
  readonly stored: Promise<TakenContent>;
}

/** Fetches the contents of files and has them stored. Every file ends as content or as a problem. */
export class FileFetch {
  readonly #options: FileFetchOptions;

  constructor(options: FileFetchOptions) {
    this.#options = options;
  }

  /** `onDone` hears of each file once: with its content, or with undefined when it is not in the snapshot. */
  async fetch(files: readonly WantedFile[], onDone: (file: WantedFile, content: TakenContent | undefined) => void): Promise<void> {
    const { source, intake, counts, onAdvance, signal } = this.#options;
    const contents = new Map<number, OnItsWay>();
    const told = new Map<string, SourceProblem['kind']>();
    const tell = (problem: SourceProblem): void => {
      const key = keyOf(problem.path);
      const before = told.get(key);
      if (before === undefined || (before === 'changed' && problem.kind !== 'changed')) this.#options.onProblem(listedProblem(problem));
      if (before === undefined || before === 'changed') told.set(key, problem.kind);
    };
    const entries = files.map(({ entry }) => entry);
    const beside = new Beside(signal);
    const take = async (entry: ListedEntry, item: Content, into: ContentIntake): Promise<void> => {
      const content = await this.#take(entry, item, tell, into);
      if (content !== undefined) contents.set(item.index, content);
    };
    const lanes: ContentIntake[] = [];
    const takeBeside = async (entry: ListedEntry, item: Content): Promise<void> => {
      const lane = lanes.pop() ?? intake.beside();
      await take(entry, item, lane);
      lane.flush();
      lanes.push(lane);
    };
    try {
      for await (const item of source.read(entries, { signal: beside.signal })) {
        beside.signal.throwIfAborted();
        if (item.kind === 'problem') {
          tell(item.problem);
          continue;
        }
        const entry = entries[item.index];
        if (entry === undefined || contents.has(item.index)) throw notAskedFor();
        if (item.kind === 'content' && item.independent === true) {
          await beside.room(mostBeside);
          beside.start(takeBeside(entry, item));
        } else if (item.kind === 'content') await take(entry, item, intake);
        else {
          const content = contents.get(item.of);
          if (content !== undefined) contents.set(item.index, content);
        }
      }
    } catch (error) {
      await beside.fail(error);
    }
    await beside.ended();
    intake.flush();
    for (const [i, file] of files.entries()) {
      const stored = await contents.get(i)?.stored;
      // What the source calls unreadable is not good, even if something was delivered for it before that was known.
      const content = (told.get(keyOf(file.entry.path)) ?? 'changed') === 'changed' ? stored : undefined;
      if (content === undefined) {
        tell({ path: file.entry.path, kind: 'unreadable', reason: 'it was not delivered' });
      } else {
        if (file.entry.sizeBytes !== undefined && content.sizeBytes !== file.entry.sizeBytes)
          tell({ path: file.entry.path, kind: 'changed', reason: 'its size changed' });
        counts.files += 1;
        counts.bytes += content.sizeBytes;
      }
      onDone(file, content);
    }
    onAdvance();
  }

  /** Undefined if the content could not be read to its end, which is told. */
  async #take(
    entry: ListedEntry,
    item: Content,
    tell: (problem: SourceProblem) => void,
    intake: ContentIntake,
  ): Promise<OnItsWay | undefined> {
    try {
      const taken = await intake.take(item.bytes);
      if (item.mtimeNs !== undefined && item.mtimeNs !== entry.mtimeNs) {
        tell({ path: entry.path, kind: 'changed', reason: 'its modification time changed' });
      }
      return taken;
    } catch (error) {
      if (!CodedError.is(error, 'source-unreadable')) throw error;
      tell({ path: entry.path, kind: 'unreadable', reason: error.message });
      return undefined;
    }
  }
}

function keyOf(path: Uint8Array): string {
  return Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString('latin1');
}

function notAskedFor(): CodedError {
  return new CodedError({
    code: 'internal',
    message: 'A source delivered a content that nobody asked for, or delivered it twice',
  });
}
