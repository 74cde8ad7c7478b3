import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { test } from 'node:test';
import { LocalHost } from '@holdfast/connect/local';
import { collect } from '../../../test/support/source-streams.ts';
import { forwardSocket } from './forwarded-socket.ts';

const host = new LocalHost();

async function listening(server: Server): Promise<{ host: string; port: number } & AsyncDisposable> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { host: '127.0.0.1', port, [Symbol.asyncDispose]: async () => void server.close() };
}

test('bytes go both ways, and an end of one side leaves the other open', async () => {
  // Answers when everything was said.
  const server = createServer(
    { allowHalfOpen: true },
    (socket) => void collect(socket.iterator({ destroyOnReturn: false })).then((bytes) => socket.end(Buffer.concat([bytes, bytes]))),
  );
  await using address = await listening(server);
  await using forwarded = await forwardSocket(host, address);
  assert.equal(statSync(forwarded.folder).mode & 0o777, 0o700);
  const said = randomBytes(3_000_000);
  const answers = await Promise.all(
    [0, 1, 2].map(async () => {
      const socket = connect({ path: forwarded.path, allowHalfOpen: true });
      socket.end(said);
      return await collect(socket.iterator({ destroyOnReturn: false }));
    }),
  );
  for (const answer of answers) assert.ok(answer.equals(Buffer.concat([said, said])));
});

test('what cannot be dialled is closed, and nothing is left afterwards', async () => {
  let folder: string;
  {
    await using forwarded = await forwardSocket(host, { host: '127.0.0.1', port: 1 });
    ({ folder } = forwarded);
    const socket = connect({ path: forwarded.path });
    assert.equal((await collect(socket)).byteLength, 0);
  }
  assert.ok(!existsSync(folder));
});

test('disposing of it ends the connections that are open', async () => {
  const server = createServer((socket) => void socket.on('error', () => undefined));
  await using address = await listening(server);
  const forwarded = await forwardSocket(host, address);
  const socket = connect({ path: forwarded.path });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.resume();
  await forwarded[Symbol.asyncDispose]();
  await closed;
});
