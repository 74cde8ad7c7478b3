import { CodedError } from '@holdfast/kernel';
import { connectionLost } from '../link-errors.ts';
import type { CallOptions, Host, Word } from '../port.ts';
import { wordBytes } from '../quote.ts';
import { pathStatSchema } from './engine-answers.ts';
import type { EngineCall, EngineClient } from './engine-client.ts';
import { inspectContainer } from './engine-container.ts';
import { containerNotFound, strangeEngine } from './engine-errors.ts';
import { type FileMode, fileModeOf } from './go-file-mode.ts';

export interface PathStat extends FileMode {
  readonly sizeBytes: number;
  readonly mtimeNs: bigint;
  /** Where a link leads, made absolute by the engine: inside of the container it may be written otherwise. '' for what is no link. */
  readonly linkTarget: string;
}

/**
 * Files of a container without a shell in it, be it running or stopped. Paths are absolute. What is not there is `path-not-found`. A link at the
 * end of a path is not followed.
 */
export interface ContainerArchive {
  /** What is there. */
  statPath(path: Word, options?: CallOptions): Promise<PathStat>;
  /**
   * The path and all below it as one tar stream, named from the last part of the path. Reading to the end without an error proves that the
   * archive is whole (its end is in it), but not that all is in it: engines leave out what they cannot read, without a word. Compare with a list.
   */
  readArchive(path: Word, options?: CallOptions): AsyncIterable<Uint8Array>;
  /** Unpacks a tar stream (plain or gzip) in that directory, which must exist. What a stream that breaks off began with stays. */
  writeArchive(directory: Word, tar: AsyncIterable<Uint8Array>, options?: CallOptions): Promise<void>;
}

/** The archive functions of a host that is a container whose engine was reached; undefined for every other host. */
export function archiveOf(host: Host): ContainerArchive | undefined {
  return host.ways?.find((way) => way instanceof EngineArchive);
}

/** By the archive calls of the Engine API. */
export class EngineArchive implements ContainerArchive {
  readonly #engine: EngineClient;
  readonly #containerId: string;

  constructor(engine: EngineClient, containerId: string) {
    this.#engine = engine;
    this.#containerId = containerId;
  }

  async statPath(path: Word, options: CallOptions = {}): Promise<PathStat> {
    const call = this.#call('HEAD', path, options, 'looking at a path');
    const headers = await this.#named(path, async () => await this.#engine.headers(call));
    return this.#statIn(String(headers['x-docker-container-path-stat'] ?? ''), call.doing);
  }

  async *readArchive(path: Word, options: CallOptions = {}): AsyncGenerator<Uint8Array> {
    const call = this.#call('GET', path, options, 'reading files');
    const content = this.#engine.download(call);
    try {
      const first = await this.#named(path, async () => await content.next());
      const ending = new ArchiveEnd();
      for (let next = first; next.done !== true; next = await content.next()) {
        ending.pass(next.value);
        yield next.value;
      }
      const { link } = this.#engine;
      if (!ending.isThere) throw connectionLost(`${link}: ${call.doing}`, 'the archive ends before its end', link);
      // Docker's answer where the last part of the path is no UTF-8; as a part of its directory the same file is read as it is.
      if (ending.isEmpty) throw strangeEngine(link, call.doing, `an archive without ${shownPath(path)}; read its directory instead`);
    } finally {
      await content.return(undefined);
    }
  }

  async writeArchive(directory: Word, tar: AsyncIterable<Uint8Array>, options: CallOptions = {}): Promise<void> {
    const call = this.#call('PUT', directory, options, 'writing files');
    // A file never takes the place of a directory, nor the other way round.
    const query = { ...call.query, noOverwriteDirNonDir: '1' };
    await this.#named(directory, async () => await this.#engine.upload({ ...call, query }, tar));
  }

  #call(method: EngineCall['method'], path: Word, { signal }: CallOptions, doing: string): EngineCall {
    const bytes = wordBytes(path);
    if (bytes[0] !== 0x2f) throw new CodedError({ code: 'invalid-argument', message: 'A path in a container must be absolute' });
    return { method, path: `/containers/${this.#containerId}/archive`, query: { path: bytes }, signal, doing };
  }

  /** An engine says the same of a path that is not there and of a container that is not. */
  async #named<T>(path: Word, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!CodedError.is(error, 'engine-refused') || error.context['status'] !== 404) throw error;
      const { link } = this.#engine;
      if ((await inspectContainer(this.#engine, this.#containerId)) === undefined)
        throw containerNotFound(link, this.#containerId.slice(0, 12));
      const shown = shownPath(path);
      throw new CodedError({
        code: 'path-not-found',
        message: `${link}: there is no ${shown}`,
        context: { link, path: shown },
        cause: error,
      });
    }
  }

  #statIn(header: string, doing: string): PathStat {
    let value: unknown;
    try {
      value = JSON.parse(Buffer.from(header, 'base64').toString('utf8'));
    } catch (error) {
      throw strangeEngine(this.#engine.link, doing, 'no description of the path', error);
    }
    const checked = pathStatSchema.safeParse(value);
    if (!checked.success) throw strangeEngine(this.#engine.link, doing, 'no description of the path', checked.error);
    const { size, mode, mtime, linkTarget } = checked.data;
    return { ...fileModeOf(mode), sizeBytes: size, mtimeNs: nanosecondsOf(mtime), linkTarget: linkTarget ?? '' };
  }
}

function shownPath(path: Word): string {
  return JSON.stringify(typeof path === 'string' ? path : new TextDecoder().decode(path));
}

/** Whether what has passed ends as a tar archive does: with two blocks of zeros. Holds nothing of it. */
class ArchiveEnd {
  #zeros = 0;
  #isEmpty = true;

  /** Nothing but the end. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  get isThere(): boolean {
    return this.#zeros >= 1024;
  }

  pass(bytes: Uint8Array): void {
    let end = bytes.length;
    while (end > 0 && bytes.length - end < 1024 && bytes[end - 1] === 0) end--;
    this.#zeros = end === 0 ? this.#zeros + bytes.length : bytes.length - end;
    // An archive begins with a name, so that one that is not empty shows it in its first block.
    if (bytes[0] !== 0) this.#isEmpty = false;
  }
}

/** RFC 3339 with up to nine digits behind the point. Temporal keeps them, Date would not. */
function nanosecondsOf(time: string): bigint {
  try {
    return Temporal.Instant.from(time).epochNanoseconds;
  } catch (error) {
    throw new CodedError({
      code: 'engine-refused',
      message: `An engine gave ${JSON.stringify(time.slice(0, 40))} for a time`,
      cause: error,
    });
  }
}
