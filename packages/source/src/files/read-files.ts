import type { Host } from '@holdfast/connect/port';
import { CodedError } from '@holdfast/kernel';
import { type Complaints, collectComplaints, lastComplaints, problemIn } from './complaints.ts';
import type { FileProblem, ListedEntry } from './listed-entry.ts';
import { readTar, type TarMember } from './read-tar.ts';
import { sourceIncomplete } from './source-incomplete.ts';

/** What the far side packs files with; `none`: one command for each file. */
export type PackingKind = 'gnu' | 'busybox' | 'none';

export type DeliveredItem =
  /** The content of `files[index]`, to be read to its end before the next item is asked for. */
  | {
      readonly kind: 'content';
      readonly index: number;
      readonly sizeBytes: number;
      /** As it was when it was read; undefined where nobody can tell. */
      readonly mtimeNs: bigint | undefined;
      readonly bytes: AsyncIterable<Uint8Array>;
    }
  /** `files[index]` is another name of `files[of]`, which was delivered before. */
  | { readonly kind: 'same'; readonly index: number; readonly of: number }
  | { readonly kind: 'problem'; readonly problem: FileProblem };

export interface ReadFilesOptions {
  readonly packing: PackingKind;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The contents of these files, as one stream of tar where the far tar takes a list of any length, else as few as possible. Each file is
 * delivered at most once; of the others a problem says why, as far as the far side does. Throws `source-incomplete` if a stream was cut short.
 */
export async function* readFiles(
  host: Host,
  files: readonly ListedEntry[],
  { packing, signal }: ReadFilesOptions,
): AsyncGenerator<DeliveredItem, void, undefined> {
  const indexes = new Map(files.map(({ path }, index) => [keyOf(path), index]));
  if (packing === 'none') {
    for (const [index, file] of files.entries()) yield* readAlone(host, file, index, signal);
    return;
  }
  for (let rest = files; rest.length > 0; ) {
    const batch = packing === 'gnu' ? rest : rest.slice(0, argumentCount(rest));
    rest = rest.slice(batch.length);
    const stream = new PackedStream(host, { files, batch, indexes, packing, signal });
    yield* stream.read();
    // A file that became shorter has ended BusyBox's tar: those behind it are asked for again, so that one file costs no other.
    if (stream.shrunk !== undefined) rest = [...batch.slice(batch.indexOf(stream.shrunk) + 1), ...rest];
  }
}

interface PackedFiles {
  readonly files: readonly ListedEntry[];
  readonly batch: readonly ListedEntry[];
  readonly indexes: ReadonlyMap<string, number>;
  readonly packing: PackingKind;
  readonly signal: AbortSignal | undefined;
}

const hyphen = 0x2d;
const dot = Buffer.from('.');
const slash = Buffer.from('/');
/** Names are handed over in pieces of about this size; where they are arguments, in commands of no more. */
const namesBytes = 64 << 10;
const argumentBytes = 8 << 10;

/**
 * pax headers give long names and large sizes, for files that need them. Times beyond whole seconds would give one to each file, half of what
 * a small file takes on its way: without them a file that changes within the second of its listing is not told as changed, and is read again next time.
 */
const gnuOptions = ['--null', '--no-recursion', '--ignore-failed-read', '--numeric-owner', '--quoting-style=escape', '--format=posix'];
const gnuFormat = ['--pax-option=delete=atime,delete=ctime,delete=mtime', '-T', '-'];

/** One command that packs files, and what it delivers. */
class PackedStream {
  /** The file at which BusyBox's tar gave up. */
  shrunk: ListedEntry | undefined;
  readonly #host: Host;
  readonly #request: PackedFiles;

  constructor(host: Host, request: PackedFiles) {
    this.#host = host;
    this.#request = request;
  }

  async *read(): AsyncGenerator<DeliveredItem, void, undefined> {
    const { files, batch, indexes, packing, signal } = this.#request;
    const isGnu = packing === 'gnu';
    const words = isGnu ? [...gnuOptions, ...gnuFormat] : batch.map(({ path }) => nameOf(path));
    const argv = ['tar', '-c', '-f', '-', '-C', '/', ...words];
    const environment = { LC_ALL: 'C', TAR_OPTIONS: '' };
    await using running = await this.#host.exec({ argv, environment }, { signal, stdin: isGnu ? nameList(batch) : undefined });
    const complaining = collectComplaints(running.stderr);
    complaining.catch(() => undefined);
    running.exit.catch(() => undefined);
    let delivered = 0;
    try {
      for await (const member of readTar(running.stdout)) {
        const index = indexes.get(keyOf(absolute(member.path)));
        if (index === undefined) {
          if (isBelowOne(member.path, indexes)) continue; // a file became a directory, and BusyBox packs what is in it
          throw await this.#incomplete('it has a file that nobody asked for', complaining);
        }
        delivered += 1;
        const item = deliver(member, index, files, indexes);
        yield item.kind === 'content' && !isGnu ? { ...item, bytes: this.#guarded(item.bytes, index, complaining) } : item;
      }
    } catch (error) {
      if (this.shrunk !== undefined) return;
      if (!CodedError.is(error, 'source-incomplete')) throw error;
      // The end of the command says more than that its stream was cut.
      const exit = await running.exit;
      const how = exit.kind === 'exited' ? `code ${exit.code}` : exit.signal;
      throw await this.#incomplete(`${error.message} (${how})`, complaining);
    }
    const exit = await running.exit;
    const complaints = await complaining;
    let problems = 0;
    for (const line of complaints.lines) {
      const problem = problemIn(line, batch[0]?.path ?? slash, belowRoot);
      if (problem === undefined) continue;
      problems += 1;
      yield { kind: 'problem', problem };
    }
    const isExplained = problems > 0 || complaints.dropped > 0;
    if (exit.kind === 'signalled') throw await this.#incomplete(`it was ended by ${exit.signal}`, complaining);
    if (exit.code > 2) throw await this.#incomplete(`it ended with code ${exit.code}`, complaining);
    if (exit.code !== 0 && !isExplained) throw await this.#incomplete('it failed without saying why', complaining);
    if (delivered === 0 && !isExplained) throw await this.#incomplete('it holds nothing', complaining);
  }

  /** BusyBox's tar ends at a file that is shorter than it was: that is the fault of the file, not of the stream. */
  async *#guarded(bytes: AsyncIterable<Uint8Array>, index: number, complaining: Promise<Complaints>): AsyncGenerator<Uint8Array> {
    try {
      yield* bytes;
    } catch (error) {
      if (!CodedError.is(error, 'source-incomplete')) throw error;
      const { lines } = await complaining;
      if (!lines.some((line) => line.toString('latin1').includes('short read'))) throw error;
      this.shrunk = this.#request.files[index];
      throw new CodedError({ code: 'source-unreadable', message: 'it became shorter while it was read', cause: error });
    }
  }

  async #incomplete(why: string, complaining: Promise<Complaints>): Promise<Error> {
    return sourceIncomplete(`The stream of files from ${this.#host.description}`, why, lastComplaints(await complaining));
  }
}

/** Eleven octal digits of seconds. */
const latestWithoutHeader = 8_589_934_592_000_000_000n;

/** How many of the files one command can name. */
function argumentCount(files: readonly ListedEntry[]): number {
  let bytes = 0;
  const count = files.findIndex(({ path }) => {
    bytes += path.byteLength + 3;
    return bytes > argumentBytes;
  });
  return count < 0 ? files.length : Math.max(count, 1);
}

function deliver(member: TarMember, index: number, files: readonly ListedEntry[], indexes: ReadonlyMap<string, number>): DeliveredItem {
  const file = files[index] as ListedEntry;
  if (member.type === 'hard-link') {
    const of = indexes.get(keyOf(absolute(member.linkPath)));
    if (of !== undefined && of !== index) return { kind: 'same', index, of };
  }
  if (member.type !== 'file') {
    return { kind: 'problem', problem: { path: file.path, kind: 'unreadable', reason: 'it was replaced by something else meanwhile' } };
  }
  // Whole seconds are compared as such. A time before 1970, or far in the future, is written as 1970 where it has no pax header.
  const isComparable = member.hasNanoseconds || (file.mtimeNs >= 0n && file.mtimeNs < latestWithoutHeader);
  const isSame = !member.hasNanoseconds && file.mtimeNs - modulo(file.mtimeNs, 1_000_000_000n) === member.mtimeNs;
  const mtimeNs = isComparable ? (isSame ? file.mtimeNs : member.mtimeNs) : undefined;
  return { kind: 'content', index, sizeBytes: member.sizeBytes, mtimeNs, bytes: member.content };
}

/** One file by itself. Its completeness is proven by the exit code of the command. */
async function* readAlone(
  host: Host,
  file: ListedEntry,
  index: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<DeliveredItem, void, undefined> {
  await using running = await host.exec({ argv: ['cat', file.path], environment: { LC_ALL: 'C' } }, { signal });
  const complaining = collectComplaints(running.stderr);
  complaining.catch(() => undefined);
  running.exit.catch(() => undefined);
  async function* content(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* running.stdout;
    const exit = await running.exit;
    if (exit.kind === 'exited' && exit.code === 0) return;
    const why = lastComplaints(await complaining);
    throw new CodedError({ code: 'source-unreadable', message: why === '' ? 'it could not be read to its end' : why });
  }
  yield { kind: 'content', index, sizeBytes: file.sizeBytes, mtimeNs: undefined, bytes: content() };
}

/** The name below the root, as `-C /` makes it, since a longest path has no room for more; it cannot look like an option. */
function nameOf(path: Uint8Array): Uint8Array {
  return path[1] === hyphen ? Buffer.concat([dot, path]) : path.subarray(1);
}

/** The names, each ended by a NUL. */
async function* nameList(files: readonly ListedEntry[]): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  const end = Buffer.of(0);
  for (const { path } of files) {
    held.push(nameOf(path), end);
    heldBytes += path.byteLength + 1;
    if (heldBytes < namesBytes) continue;
    yield Buffer.concat(held);
    held = [];
    heldBytes = 0;
  }
  if (heldBytes > 0) yield Buffer.concat(held);
}

function isBelowOne(path: Buffer, indexes: ReadonlyMap<string, number>): boolean {
  const text = keyOf(absolute(path));
  for (let at = text.lastIndexOf('/'); at > 0; at = text.lastIndexOf('/', at - 1)) if (indexes.has(text.slice(0, at))) return true;
  return false;
}

function absolute(path: Uint8Array): Buffer {
  return Buffer.concat([slash, path]);
}

/** The path of a name in the list that tar was given. */
function belowRoot(name: Buffer): Buffer {
  return name[0] === 0x2e && name[1] === 0x2f ? Buffer.from(name.subarray(1)) : absolute(name);
}

function keyOf(path: Uint8Array): string {
  return Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString('latin1');
}

function modulo(value: bigint, by: bigint): bigint {
  return ((value % by) + by) % by;
}
