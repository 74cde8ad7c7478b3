import { CodedError } from '@holdfast/kernel';
import { connectionLost } from '../link-errors.ts';
import type { ByteStream } from '../port.ts';
import { plainText } from '../run-to-end.ts';
import { noSftp, type SftpAttributes, SftpReader, sftpPacket } from './sftp-packet.ts';

export interface SftpName {
  readonly name: Uint8Array;
  readonly attributes: SftpAttributes;
}

/** An open file or directory, as the server calls it. */
export type SftpHandle = Uint8Array;

const kinds = {
  init: 1,
  version: 2,
  open: 3,
  close: 4,
  read: 5,
  lstat: 7,
  fstat: 8,
  openDirectory: 11,
  readDirectory: 12,
  readLink: 19,
  status: 101,
  handle: 102,
  data: 103,
  name: 104,
  attributes: 105,
  extended: 200,
  extendedReply: 201,
} as const;
/** Status codes that are no refusal, or one of a kind. */
const [ok, endOfFile, noSuchFile, permissionDenied] = [0, 1, 2, 3];
const openForReading = 1;
const noAttributes = 0;
const fileSystemStat = 'statvfs@openssh.com';
/** No server sends more in one packet; OpenSSH's limit is 256 KiB. */
const packetLimitBytes = 512 << 10;
/** What every server must be able to give in one answer. */
export const sftpReadBytes = 32 << 10;

interface Answer {
  readonly kind: number;
  readonly fields: SftpReader;
}

/**
 * Reads files by SFTP, version 3, which every server speaks: any number of requests may be under way, and answers come in any order. Paths are
 * raw bytes. A refusal is `path-not-found`, `source-denied` or `command-failed`; `connection-lost` when the session broke.
 */
export class SftpClient implements AsyncDisposable {
  readonly #stream: ByteStream;
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>();
  readonly #version = Promise.withResolvers<void>();
  readonly #extensions = new Set<string>();
  #outgoing: Uint8Array[] = [];
  #isSending = false;
  #nextId = 0;
  #failure: unknown;

  private constructor(stream: ByteStream) {
    this.#stream = stream;
    this.#version.promise.catch(() => undefined);
  }

  /** Begins a session on the stream, which is closed with it. */
  static async open(stream: ByteStream): Promise<SftpClient> {
    const client = new SftpClient(stream);
    void client.#receive();
    try {
      client.#send(sftpPacket(kinds.init, [3]));
      await client.#version.promise;
      return client;
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }
  }

  async lstat(path: Uint8Array): Promise<SftpAttributes> {
    return (await this.#ask(kinds.lstat, [path], kinds.attributes, path)).attributes();
  }

  async fstat(handle: SftpHandle): Promise<SftpAttributes> {
    return (await this.#ask(kinds.fstat, [handle], kinds.attributes)).attributes();
  }

  /** Where a symbolic link leads, as it is written in it. */
  async readLink(path: Uint8Array): Promise<Uint8Array> {
    const fields = await this.#ask(kinds.readLink, [path], kinds.name, path);
    if (fields.uint32() !== 1) throw noSftp('a link with several targets');
    return Uint8Array.from(fields.string());
  }

  /** All that is in a directory, in the order of the server, without `.` and `..`. */
  async list(path: Uint8Array): Promise<SftpName[]> {
    const handle = await this.#handle(kinds.openDirectory, [path], path);
    const names: SftpName[] = [];
    try {
      for (;;) {
        const fields = await this.#askUnlessAtEnd(kinds.readDirectory, [handle], kinds.name);
        if (fields === undefined) return names;
        for (let left = fields.uint32(); left > 0; left--) {
          const name = Uint8Array.from(fields.string());
          fields.string(); // a line for people
          const attributes = fields.attributes();
          const text = Buffer.from(name).toString('latin1');
          if (text === '' || text.includes('/') || text.includes('\0')) throw noSftp('the name of a file is none');
          if (text !== '.' && text !== '..') names.push({ name, attributes });
        }
      }
    } finally {
      await this.close(handle);
    }
  }

  async openFile(path: Uint8Array): Promise<SftpHandle> {
    return await this.#handle(kinds.open, [path, openForReading, noAttributes], path);
  }

  /** What is there from the offset on, at most so many bytes (no more than `sftpReadBytes`), perhaps fewer; undefined at the end. */
  async read(handle: SftpHandle, offset: number, length: number): Promise<Uint8Array | undefined> {
    const fields = await this.#askUnlessAtEnd(kinds.read, [handle, BigInt(offset), length], kinds.data);
    const data = fields?.string();
    if (data !== undefined && (data.byteLength === 0 || data.byteLength > length)) throw noSftp('an answer of a wrong length');
    return data;
  }

  /** Closes what was opened for reading: that it could not be closed says nothing about what was read. */
  async close(handle: SftpHandle): Promise<void> {
    await this.#request(kinds.close, [handle]).catch(() => undefined);
  }

  /** Whether `fileSystemOf` can be asked. */
  get knowsFileSystems(): boolean {
    return this.#extensions.has(fileSystemStat);
  }

  /** A number that is the same for all that lies on one file system. */
  async fileSystemOf(path: Uint8Array): Promise<bigint> {
    const fields = await this.#ask(kinds.extended, [Buffer.from(fileSystemStat), path], kinds.extendedReply, path);
    for (let i = 0; i < 8; i++) fields.uint64();
    return fields.uint64();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(connectionLost('A session of SFTP', 'it was closed'));
    await this.#stream[Symbol.asyncDispose]();
  }

  async #handle(kind: number, fields: readonly (number | bigint | Uint8Array)[], path: Uint8Array): Promise<SftpHandle> {
    return Uint8Array.from((await this.#ask(kind, fields, kinds.handle, path)).string());
  }

  async #ask(kind: number, fields: readonly (number | bigint | Uint8Array)[], expected: number, path?: Uint8Array): Promise<SftpReader> {
    const answer = await this.#request(kind, fields);
    if (answer.kind === expected) return answer.fields;
    if (answer.kind !== kinds.status) throw noSftp(`an answer of the kind ${answer.kind}`);
    throw refusal(answer.fields, path);
  }

  async #askUnlessAtEnd(
    kind: number,
    fields: readonly (number | bigint | Uint8Array)[],
    expected: number,
  ): Promise<SftpReader | undefined> {
    const answer = await this.#request(kind, fields);
    if (answer.kind === expected) return answer.fields;
    if (answer.kind !== kinds.status) throw noSftp(`an answer of the kind ${answer.kind}`);
    const error = refusal(answer.fields);
    if (error.context['status'] === endOfFile) return undefined;
    throw error;
  }

  #request(kind: number, fields: readonly (number | bigint | Uint8Array)[]): Promise<Answer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#nextId;
    this.#nextId = (this.#nextId + 1) >>> 0;
    const waiting = Promise.withResolvers<Answer>();
    this.#waiting.set(id, waiting);
    this.#send(sftpPacket(kind, [id, ...fields]));
    return waiting.promise;
  }

  /** Requests that are made while others are on their way go together after them. */
  #send(packet: Uint8Array): void {
    this.#outgoing.push(packet);
    if (!this.#isSending) void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    try {
      while (this.#outgoing.length > 0) await this.#stream.write(Buffer.concat(this.#outgoing.splice(0)));
    } catch (error) {
      this.#fail(error);
    }
    this.#isSending = false;
  }

  async #receive(): Promise<void> {
    let held: Buffer = Buffer.alloc(0);
    try {
      for await (const bytes of this.#stream.incoming) {
        held = held.byteLength === 0 ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : Buffer.concat([held, bytes]);
        let at = 0;
        while (held.byteLength - at >= 4) {
          const length = held.readUInt32BE(at);
          if (length < 1 || length > packetLimitBytes) throw noSftp(`a packet of ${length} bytes`);
          if (held.byteLength - at < 4 + length) break;
          this.#take(held.subarray(at + 4, at + 4 + length));
          at += 4 + length;
        }
        held = held.subarray(at);
      }
      throw connectionLost('A session of SFTP', 'the server ended it');
    } catch (error) {
      this.#fail(error);
    }
  }

  #take(packet: Buffer): void {
    const fields = new SftpReader(packet);
    const kind = fields.byte();
    if (kind === kinds.version) {
      if (fields.uint32() < 3) throw noSftp('an old version');
      while (!fields.isAtEnd) {
        this.#extensions.add(fields.string().toString());
        fields.string();
      }
      this.#version.resolve();
      return;
    }
    const id = fields.uint32();
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) throw noSftp('an answer to nothing');
    this.#waiting.delete(id);
    waiting.resolve({ kind, fields });
  }

  #fail(error: unknown): void {
    this.#failure ??= CodedError.is(error) ? error : connectionLost('A session of SFTP', error);
    this.#version.reject(this.#failure);
    for (const waiting of this.#waiting.values()) waiting.reject(this.#failure);
    this.#waiting.clear();
  }
}

function refusal(fields: SftpReader, path?: Uint8Array): CodedError {
  const status = fields.uint32();
  const said = fields.isAtEnd ? '' : plainText(fields.string());
  if (status === ok) throw noSftp('success in place of an answer');
  const code = status === noSuchFile ? 'path-not-found' : status === permissionDenied ? 'source-denied' : 'command-failed';
  const what = path === undefined ? 'A file' : JSON.stringify(Buffer.from(path).toString());
  const reason = said === '' ? `the code ${status}` : said;
  return new CodedError({ code, message: `${what} cannot be read by SFTP: ${reason}`, context: { status, reason } });
}
