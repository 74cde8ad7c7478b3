import { ByteReader } from './byte-reader.ts';
import { parsePaxRecords } from './pax-records.ts';
import { sourceIncomplete } from './source-incomplete.ts';
import { parseTarHeader, type TarHeader, type TarMetadata, tarBlockBytes } from './tar-header.ts';

/** One member of an archive. */
export interface TarMember {
  /** As the archive has it, without a leading `./` or slash and without a trailing slash. */
  readonly path: Buffer;
  readonly type: 'file' | 'hard-link' | 'symlink' | 'character-device' | 'block-device' | 'directory' | 'fifo';
  readonly sizeBytes: number;
  readonly mtimeNs: bigint;
  /** Whether the time came with what is beyond whole seconds. */
  readonly hasNanoseconds: boolean;
  /** What a link points to; of a hard link a path like `path`. */
  readonly linkPath: Buffer;
  /** The rest, to be asked for before the content is read. */
  readonly metadata: () => TarMetadata;
  /** To be read to its end, or not at all, before the next member is asked for. */
  readonly content: AsyncIterable<Uint8Array>;
}

/** Headers that describe the next member are held in memory: a path or a list of attributes, no content. */
const extensionLimitBytes = 16 << 20;
const zeroBlock = Buffer.alloc(tarBlockBytes);

/**
 * The members of an archive, in the formats of POSIX (ustar, pax) and GNU tar. Throws `source-incomplete` unless the stream is an archive from
 * its first byte to the two empty blocks that end it, and nothing but zeros follows.
 */
export async function* readTar(stream: AsyncIterable<Uint8Array>): AsyncGenerator<TarMember, void, undefined> {
  const reader = new ByteReader(stream);
  let global = new Map<string, Buffer>();
  try {
    for (;;) {
      const extensions = new Map<string, Buffer>();
      let header = await nextHeader(reader);
      for (; header !== undefined && isExtension(header.flag); header = await nextHeader(reader)) {
        const bytes = await extension(reader, header);
        if (header.flag === 'g') global = new Map([...global, ...parsePaxRecords(bytes)]);
        else if (header.flag === 'x') for (const [key, value] of parsePaxRecords(bytes)) extensions.set(key, value);
        else extensions.set(header.flag === 'L' ? 'path' : 'linkpath', untilNul(bytes));
      }
      if (header === undefined) {
        if (extensions.size > 0) throw garbled('it ends after a header that belongs to a member');
        return;
      }
      const get = (key: string): Buffer | undefined => extensions.get(key) ?? global.get(key);
      const member = memberOf(header, get, reader);
      yield member.value;
      await member.finish();
    }
  } finally {
    await reader.close();
  }
}

/** The next header, or undefined after the two empty blocks that end an archive. */
async function nextHeader(reader: ByteReader): Promise<TarHeader | undefined> {
  const block = await reader.take(tarBlockBytes);
  if (block.byteLength < tarBlockBytes) throw garbled('its end is missing');
  if (!block.equals(zeroBlock)) return parseTarHeader(block);
  const second = await reader.take(tarBlockBytes);
  if (!second.equals(zeroBlock)) throw garbled('its end is not whole');
  for (let rest = await reader.some(1 << 20); rest !== undefined; rest = await reader.some(1 << 20)) {
    if (rest.some((byte) => byte !== 0)) throw garbled('something follows its end');
  }
  return undefined;
}

function isExtension(flag: string): boolean {
  return flag === 'x' || flag === 'g' || flag === 'L' || flag === 'K';
}

async function extension(reader: ByteReader, { sizeBytes }: TarHeader): Promise<Buffer> {
  if (sizeBytes > extensionLimitBytes) throw garbled('a header is too large');
  const padded = await reader.take(paddedBytes(sizeBytes));
  if (padded.byteLength < paddedBytes(sizeBytes)) throw garbled('it ends inside a header');
  return padded.subarray(0, sizeBytes);
}

interface OpenMember {
  readonly value: TarMember;
  /** Goes past what was not read of it. */
  readonly finish: () => Promise<void>;
}

function memberOf(header: TarHeader, get: (key: string) => Buffer | undefined, reader: ByteReader): OpenMember {
  const type = memberType(header.flag);
  const size = get('size')?.toString('latin1');
  if (size !== undefined && !/^\d{1,16}$/.test(size)) throw garbled('a size is no number');
  // Only files have content; some writers give links the size of what they point to.
  const sizeBytes = type === 'file' ? Number(size ?? header.sizeBytes) : 0;
  const time = timeOf(get('mtime')?.toString('latin1'), header.mtimeSeconds);
  let missing = paddedBytes(sizeBytes);
  const padding = missing - sizeBytes;
  async function* read(): AsyncGenerator<Uint8Array, void, undefined> {
    while (missing > padding) {
      const part = await reader.some(missing - padding);
      if (part === undefined) throw garbled('it ends inside a file');
      missing -= part.byteLength;
      yield part;
    }
  }
  const value = {
    path: trimmed(get('path') ?? header.path),
    type,
    sizeBytes,
    ...time,
    linkPath: type === 'hard-link' ? trimmed(get('linkpath') ?? header.linkPath) : (get('linkpath') ?? header.linkPath),
    metadata: () => metadataOf(header, get),
    content: read(),
  };
  const finish = async (): Promise<void> => {
    while (missing > 0) {
      const part = await reader.some(missing);
      if (part === undefined) throw garbled('it ends inside a file');
      missing -= part.byteLength;
    }
  };
  return { value, finish };
}

function metadataOf({ metadata }: TarHeader, get: (key: string) => Buffer | undefined): TarMetadata {
  const own = metadata();
  const id = (key: 'uid' | 'gid'): number => {
    const text = get(key)?.toString('latin1');
    if (text !== undefined && !/^\d{1,10}$/.test(text)) throw garbled('an account is no number');
    return text === undefined ? own[key] : Number(text);
  };
  return { ...own, uid: id('uid'), gid: id('gid') };
}

function memberType(flag: string): TarMember['type'] {
  switch (flag) {
    case '0':
    case '\0':
    case '7':
      return 'file';
    case '1':
      return 'hard-link';
    case '2':
      return 'symlink';
    case '3':
      return 'character-device';
    case '4':
      return 'block-device';
    case '5':
      return 'directory';
    case '6':
      return 'fifo';
    default:
      throw garbled(`a member is of the unknown kind ${JSON.stringify(flag)}`);
  }
}

const timeForm = /^(-?)(\d{1,18})(?:\.(\d*))?$/;

function timeOf(text: string | undefined, seconds: number): { readonly mtimeNs: bigint; readonly hasNanoseconds: boolean } {
  if (text === undefined) return { mtimeNs: BigInt(seconds) * 1_000_000_000n, hasNanoseconds: false };
  const match = timeForm.exec(text);
  if (match === null) throw garbled('a time is no number');
  const [, sign, whole = '0', part = ''] = match;
  const ns = BigInt(whole) * 1_000_000_000n + BigInt(part.slice(0, 9).padEnd(9, '0'));
  return { mtimeNs: sign === '-' ? -ns : ns, hasNanoseconds: true };
}

function trimmed(path: Buffer): Buffer {
  let [from, to] = [0, path.byteLength];
  for (;;) {
    if (path[from] === 0x2f) from += 1;
    else if (path[from] === 0x2e && path[from + 1] === 0x2f) from += 2;
    else break;
  }
  while (to > from && path[to - 1] === 0x2f) to -= 1;
  return Buffer.from(path.subarray(from, to));
}

function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end));
}

function paddedBytes(sizeBytes: number): number {
  return Math.ceil(sizeBytes / tarBlockBytes) * tarBlockBytes;
}

function garbled(why: string): Error {
  return sourceIncomplete('The stream of files', why);
}
