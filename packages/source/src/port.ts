import type { CallOptions, ExplainedCommand, Host } from '@holdfast/connect/port';
import type { ErrorCode } from '@holdfast/kernel';

/** What is kept of an entry besides its content. A driver that cannot tell a number says 0, a name ''. */
export interface EntryMetadata {
  readonly type: 'file' | 'dir' | 'symlink' | 'dev' | 'chardev' | 'fifo' | 'socket';
  /** The twelve permission bits of Unix. */
  readonly permissions: number;
  readonly uid: number;
  readonly gid: number;
  readonly user: string;
  readonly group: string;
  /** Undefined where only reading the content can tell, as for every dump. */
  readonly sizeBytes: number | undefined;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly inode: bigint;
  readonly deviceId: bigint;
  readonly links: number;
  readonly linkTarget: Uint8Array | undefined;
  readonly device: bigint;
}

/** One thing that a source gives. */
export interface SourceEntry {
  /** Clean and separated by `/`; text stands for its UTF-8. Relative to the place that the consumer gives the source, or absolute where it is a path. */
  readonly path: string | Uint8Array;
  readonly metadata: EntryMetadata;
  /**
   * Reads the content, once for each call; nothing runs on the host before the first byte is asked for. Reading to the end without an error is
   * the proof that the content is whole: a dump whose program did not end with exit code 0, or that lacks what its format ends with, or that is
   * empty, throws `source-incomplete` behind its last byte. Whoever stores the bytes lets nothing of it be seen before that. Leaving the loop
   * early ends what runs on the host.
   */
  open(options?: CallOptions): AsyncIterable<Uint8Array>;
}

/** An entry as it was stored. `open` may be called more than once, in any order, until `push` has settled. */
export type RestoreEntry = SourceEntry;

export interface SourceProbe {
  /** What answers there: `PostgreSQL 15.18`. Undefined for a source that is no server. */
  readonly server: string | undefined;
  /** The programs that will be used there, and which they say they are. */
  readonly tools: readonly { readonly name: string; readonly version: string }[];
  /** Databases or files, and whether a pull takes them. */
  readonly contents: readonly { readonly name: string; readonly sizeBytes: number | undefined; readonly selected: boolean }[];
  /** `blocking`: a pull would fail. The others are weaknesses that people should know of. */
  readonly problems: readonly { readonly blocking: boolean; readonly code: ErrorCode; readonly message: string; readonly hint: string }[];
}

export interface PushOptions extends CallOptions {
  /** Restores under another name what is named here (database → database, path → path). The rest keeps its name. */
  readonly rename?: Readonly<Record<string, string>>;
  /** What to do where something of that name is there. `refuse` is `target-occupied`; `replace` changes it only once all of the new is there. Default `refuse`. */
  readonly existing?: 'refuse' | 'replace';
}

export interface PushReport {
  /** What was restored, under the name that it has now. */
  readonly restored: readonly { readonly path: string; readonly as: string }[];
  /** What was not, for people: roles that were left alone, settings that the server did not take. */
  readonly notes: readonly string[];
}

/** Knows one kind of thing at the end of a chain. Made from its options; holds no connection; owns nothing between calls. */
export interface SourceDriver {
  /** How many contents of one pull are worth reading at once. Further ones wait at their first byte until one of these has ended. */
  readonly concurrency: number;
  /** Looks what is there. Rejects when nobody can tell: `source-unreachable`, `source-denied`, `tool-missing`, a failure of the chain. */
  probe(host: Host, options?: CallOptions): Promise<SourceProbe>;
  /** What is there now, as few bytes at a time as possible. Whatever is selected by name and is not there is `source-not-found`, before anything is read. */
  pull(host: Host, options?: CallOptions): AsyncIterable<SourceEntry>;
  /** Puts entries of a pull back, all of one thing or nothing of it. A content that is cut short is `source-incomplete` and changes nothing. */
  push(host: Host, entries: AsyncIterable<RestoreEntry>, options?: PushOptions): Promise<PushReport>;
  /** The commands of a pull and of a push; `…` stands where only the host knows the value. Nothing is run. */
  explain(host: Host): { readonly pull: readonly ExplainedCommand[]; readonly push: readonly ExplainedCommand[] };
}
