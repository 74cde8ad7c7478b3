import { type SftpAttributes, type SftpClient, type SftpHandle, sftpReadBytes } from '@holdfast/connect/ssh';
import { CodedError } from '@holdfast/kernel';
import { entryType, type ListedEntry } from './listed-entry.ts';
import type { DeliveredItem } from './read-files.ts';
import { sftpProblem } from './sftp-entry.ts';

/** Files that are opened, and read a first time, before their turn; and reads of one file under way at a time. */
const filesAhead = 16;
const readsAhead = 32;

interface OpenFile {
  readonly handle: SftpHandle;
  /** As it was when it was opened. */
  readonly attributes: SftpAttributes;
  readonly start: Uint8Array | undefined;
}

/** The contents of files by SFTP, in their order. A file that is longer when it has been read than when it was opened is cut where it ended then. */
export async function* readBySftp(client: SftpClient, files: readonly ListedEntry[]): AsyncGenerator<DeliveredItem, void, undefined> {
  const ahead: Promise<OpenFile>[] = [];
  for (const [index, file] of files.entries()) {
    while (ahead.length < filesAhead && index + ahead.length < files.length) {
      const opening = openFile(client, (files[index + ahead.length] as ListedEntry).path);
      opening.catch(() => undefined);
      ahead.push(opening);
    }
    const opening = ahead.shift() as Promise<OpenFile>;
    let open: OpenFile;
    try {
      open = await opening;
    } catch (error) {
      yield { kind: 'problem', problem: sftpProblem(file.path, error) };
      continue;
    }
    const { handle, attributes } = open;
    const { mode = 0, sizeBytes, mtimeSeconds } = attributes;
    if (entryType(mode) !== 'file' || sizeBytes === undefined || mtimeSeconds === undefined) {
      await client.close(handle);
      yield { kind: 'problem', problem: { path: file.path, kind: 'unreadable', reason: 'it was replaced by something else meanwhile' } };
      continue;
    }
    yield { kind: 'content', index, sizeBytes, mtimeNs: BigInt(mtimeSeconds) * 1_000_000_000n, bytes: contentOf(client, open, sizeBytes) };
    const after = await client.fstat(handle).catch((error: unknown) => sftpProblem(file.path, error));
    await client.close(handle);
    const isSame = 'mtimeSeconds' in after && after.mtimeSeconds === mtimeSeconds && after.sizeBytes === sizeBytes;
    if (!isSame) yield { kind: 'problem', problem: { path: file.path, kind: 'changed', reason: 'it changed while it was read' } };
  }
}

async function openFile(client: SftpClient, path: Uint8Array): Promise<OpenFile> {
  const handle = await client.openFile(path);
  try {
    const [attributes, start] = await Promise.all([client.fstat(handle), client.read(handle, 0, sftpReadBytes)]);
    return { handle, attributes, start };
  } catch (error) {
    await client.close(handle);
    throw error;
  }
}

interface Reading {
  readonly offset: number;
  readonly length: number;
  readonly bytes: Promise<Uint8Array | undefined>;
}

/** Many reads are under way at once; what a server gives short is asked for again. Ends where the file does, or at its size. */
async function* contentOf(client: SftpClient, { handle, start }: OpenFile, sizeBytes: number): AsyncGenerator<Uint8Array, void, undefined> {
  const read = (offset: number, length: number): Reading => {
    const bytes = client.read(handle, offset, length);
    bytes.catch(() => undefined);
    return { offset, length, bytes };
  };
  const under: Reading[] = [{ offset: 0, length: Math.min(sftpReadBytes, sizeBytes), bytes: Promise.resolve(start) }];
  let next = Math.min(sftpReadBytes, sizeBytes);
  try {
    for (let reading = under.shift(); reading !== undefined; reading = under.shift()) {
      for (; under.length < readsAhead && next < sizeBytes; next += sftpReadBytes)
        under.push(read(next, Math.min(sftpReadBytes, sizeBytes - next)));
      const { offset, length } = reading;
      const bytes = (await reading.bytes)?.subarray(0, length);
      if (bytes === undefined) return;
      if (bytes.byteLength < length) under.unshift(read(offset + bytes.byteLength, length - bytes.byteLength));
      if (bytes.byteLength > 0) yield bytes;
    }
  } catch (error) {
    if (!CodedError.is(error) || typeof error.context['status'] !== 'number') throw error;
    throw new CodedError({ code: 'source-unreadable', message: String(error.context['reason']), cause: error });
  }
}
