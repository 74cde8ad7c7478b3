import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import fc from 'fast-check';
import { ByteQueue } from '../byte-queue.ts';
import type { ByteStream } from '../port.ts';
import { SftpClient } from './sftp-client.ts';
import { SftpReader, sftpPacket } from './sftp-packet.ts';

const runs = Number(process.env['HOLDFAST_FC_RUNS'] ?? 100);
const version = sftpPacket(2, [3, Buffer.from('statvfs@openssh.com'), Buffer.from('2')]);
const isLost = (error: unknown): boolean => CodedError.is(error, 'connection-lost');

/** The other end: answers every request with what `answer` makes of it, cut into pieces of that length, and ends when that says nothing. */
function server(answer: (kind: number, id: number, fields: SftpReader) => Uint8Array | undefined, pieceBytes = 7): ByteStream {
  const outgoing = new ByteQueue();
  async function* incoming(): AsyncGenerator<Uint8Array> {
    let held = Buffer.alloc(0);
    for await (const bytes of outgoing) {
      held = Buffer.concat([held, bytes]);
      while (held.byteLength >= 4 && held.byteLength >= 4 + held.readUInt32BE(0)) {
        const fields = new SftpReader(held.subarray(4, 4 + held.readUInt32BE(0)));
        held = Buffer.from(held.subarray(4 + held.readUInt32BE(0)));
        const kind = fields.byte();
        const answered = kind === 1 ? version : answer(kind, fields.uint32(), fields);
        if (answered === undefined) return;
        for (let at = 0; at < answered.byteLength; at += pieceBytes) yield answered.subarray(at, at + pieceBytes);
      }
    }
  }
  return {
    incoming: incoming(),
    write: (bytes) => outgoing.write(bytes),
    end: () => Promise.resolve(outgoing.end()),
    [Symbol.asyncDispose]: () => Promise.resolve(outgoing.close(new Error('closed'))),
  };
}

test('answers reach who asked, whatever their order and wherever they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(200), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 1, max: 100 }),
      async (offsets, pieceBytes) => {
        const late: Uint8Array[] = [];
        const stream = server((_, id, fields) => {
          fields.string();
          const data = sftpPacket(103, [id, Buffer.from(`at ${fields.uint64()}`)]);
          late.unshift(data);
          // The first are held back, and come behind those that were asked for later.
          return late.length === offsets.length ? Buffer.concat(late) : new Uint8Array(0);
        }, pieceBytes);
        await using client = await SftpClient.open(stream);
        const read = await Promise.all(offsets.map((offset) => client.read(Buffer.from('h'), offset, 100)));
        assert.deepEqual(
          read.map((bytes) => Buffer.from(bytes ?? []).toString()),
          offsets.map((offset) => `at ${offset}`),
        );
      },
    ),
    { numRuns: Math.ceil(runs / 4) },
  );
});

test('a refusal is the error of its request alone, and an end is none', async () => {
  const status = [2, 3, 4, 1];
  const stream = server((_, id) => sftpPacket(101, [id, status.shift() ?? 0, Buffer.from('why\u001b'), Buffer.from('en')]));
  await using client = await SftpClient.open(stream);
  const path = Buffer.from('/p');
  await assert.rejects(client.lstat(path), (error) => CodedError.is(error, 'path-not-found') && error.context['status'] === 2);
  await assert.rejects(client.lstat(path), (error) => CodedError.is(error, 'source-denied') && /why\ufffd/.test(error.message));
  await assert.rejects(client.openFile(path), (error) => CodedError.is(error, 'command-failed'));
  assert.equal(await client.read(path, 0, 10), undefined);
  await assert.rejects(client.lstat(path), isLost);
});

test('names that lead out of their directory, and what is no SFTP, end the session', async () => {
  for (const name of ['../up', '', 'a/b', 'nul\0']) {
    const stream = server((kind, id) =>
      kind === 12 ? sftpPacket(104, [id, 1, Buffer.from(name), Buffer.from('long'), 0]) : sftpPacket(102, [id, Buffer.from('h')]),
    );
    await using client = await SftpClient.open(stream);
    await assert.rejects(client.list(Buffer.from('/d')), isLost);
  }
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 64 }), fc.integer({ min: 1, max: 20 }), async (noise, pieceBytes) => {
      let asked = 0;
      await using client = await SftpClient.open(server(() => (asked++ === 0 ? noise : undefined), pieceBytes));
      const [first, second] = await Promise.allSettled([client.lstat(Buffer.from('/a')), client.lstat(Buffer.from('/b'))]);
      for (const outcome of [first, second]) if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof CodedError);
      assert.equal(second.status, 'rejected');
    }),
    { numRuns: runs },
  );
});

test('whoever waits when the server goes away hears of it', async () => {
  await using client = await SftpClient.open(server(() => undefined));
  await assert.rejects(client.lstat(Buffer.from('/a')), isLost);
  await assert.rejects(client.lstat(Buffer.from('/a')), isLost);
});
