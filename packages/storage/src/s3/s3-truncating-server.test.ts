import assert from 'node:assert/strict';
import { createHash, randomInt } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { S3Options } from '@holdfast/connect/s3';
import { sampleBytes, sampleFile } from '../conformance/samples.ts';
import { bytesBody } from '../port/index.ts';
import { InstantClock } from '../wrappers/instant-clock.ts';
import { RetryStorage } from '../wrappers/retry-storage.ts';
import { seededRandom } from '../wrappers/seeded-random.ts';
import { S3Storage } from './s3-storage.ts';

const uploads = Number(process.env['HOLDFAST_UPLOADS'] ?? 200);

/** A server that takes everything, verifies nothing, and now and then keeps only the beginning of what it was sent. */
async function startCarelessServer(
  isCut: () => boolean,
): Promise<AsyncDisposable & { endpoint: string; objects: Map<string, Buffer>; md5: number }> {
  const objects = new Map<string, Buffer>();
  const seen = { md5: 0 };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = request.url ?? '';
    const body = Buffer.concat(await request.toArray());
    if (request.method === 'PUT') {
      if (request.headers['content-md5'] === createHash('md5').update(body).digest('base64')) seen.md5++;
      objects.set(path.replace(/\?.*$/, ''), isCut() ? body.subarray(0, body.byteLength >> 1) : body);
      response.writeHead(200, { etag: '"x"' }).end();
      return;
    }
    const object = objects.get(path);
    if (object === undefined)
      response.writeHead(404, { 'content-type': 'application/xml' }).end('<Error><Code>NoSuchKey</Code><Message>no</Message></Error>');
    else response.writeHead(200, { 'content-length': object.byteLength, etag: '"x"' }).end(request.method === 'HEAD' ? undefined : object);
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    objects,
    get md5() {
      return seen.md5;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

test('F13 no file that a server has kept in part counts as stored, however often that happens', async () => {
  const seed = process.env['HOLDFAST_SEED'] ?? String(randomInt(2 ** 32));
  const random = seededRandom(seed);
  let isCareless = true;
  await using server = await startCarelessServer(() => isCareless && random.below(3) === 0);
  const bucket = S3Options.parse({ endpoint: server.endpoint, bucket: 'careless', accessKeyId: 'x', secretAccessKey: 'y' });
  await using storage = new S3Storage({ bucket, prefix: '' });
  let retries = 0;
  await using retrying = new RetryStorage(storage, { clock: new InstantClock(), random, onRetry: () => void retries++ });
  for (let number = 0; number < uploads; number++) {
    const file = sampleFile('data', number);
    const bytes = sampleBytes(1 + random.below(100_000), number);
    await retrying.save(file, bytesBody(bytes));
    const kept = server.objects.get(`/careless/data/${file.name.slice(0, 2)}/${file.name}`);
    assert.equal(Buffer.compare(kept ?? Buffer.alloc(0), bytes), 0, `HOLDFAST_SEED=${seed}`);
  }
  assert.ok(retries > uploads / 10, `${retries}`);
  assert.equal(server.md5, uploads + retries, 'each had its checksum');
  isCareless = false;
  await storage.save(sampleFile('config'), bytesBody(sampleBytes(3)));
});
