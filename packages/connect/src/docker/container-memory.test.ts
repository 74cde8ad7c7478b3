import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type DockerEngine, startDockerd, whyNoDocker } from '../../../../test/services/dockerd.ts';
import { elsewhere, openContainer, processesWith } from '../../../../test/support/docker-chain.ts';
import { LocalHost } from '../local-host.ts';
import type { Host } from '../port.ts';

const mebibyte = 1024 * 1024;
const sizeBytes = 64 * mebibyte;
const lookEveryBytes = 4 * mebibyte;
const ways = [
  ['the engine, over its socket', 'engine', (): Host => new LocalHost()],
  ['the engine, over docker system dial-stdio', 'engine', elsewhere],
  ['the command line client', 'client', (): Host => new LocalHost()],
] as const;

/** Blocks that differ, so that a lost, doubled or exchanged one changes the hash; made as they are asked for. */
async function* numbered(count: number, hash: ReturnType<typeof createHash>): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) {
    const block = Buffer.alloc(64 * 1024, index & 0xff);
    block.writeUInt32BE(index);
    hash.update(block);
    yield block;
  }
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** The most that memory outside of the JavaScript heap has grown by, looked at whenever asked; without what is garbage already. */
class MemoryWatch {
  readonly #startBytes: number;
  growthBytes = 0;

  constructor() {
    collect();
    this.#startBytes = process.memoryUsage().arrayBuffers;
  }

  look(): void {
    collect();
    this.growthBytes = Math.max(this.growthBytes, process.memoryUsage().arrayBuffers - this.#startBytes);
  }
}

void describe('memory and back-pressure', { skip: whyNoDocker() ?? false }, () => {
  let engine: DockerEngine;
  before(async () => {
    engine = await startDockerd();
    engine.run('main');
  });
  after(async () => await engine[Symbol.asyncDispose]());

  for (const [name, way, via] of ways) {
    void test(`64 MiB go through a container and back over ${name}, whole and in flat memory`, async (context) => {
      await using host = await openContainer(engine, { name: 'main' }, { via: via(), way });
      const sent = createHash('sha256');
      const received = createHash('sha256');
      const memory = new MemoryWatch();
      const startMs = performance.now();
      await using process = await host.exec({ argv: ['cat'] }, { stdin: numbered(sizeBytes / (64 * 1024), sent) });
      let size = 0;
      for await (const bytes of process.stdout) {
        received.update(bytes);
        if (Math.trunc(size / lookEveryBytes) !== Math.trunc((size + bytes.length) / lookEveryBytes)) memory.look();
        size += bytes.length;
      }
      for await (const bytes of process.stderr) assert.fail(Buffer.from(bytes).toString());
      assert.deepEqual(await process.exit, { kind: 'exited', code: 0 });
      const seconds = (performance.now() - startMs) / 1000;
      context.diagnostic(
        `${(size / mebibyte / seconds).toFixed(0)} MiB/s each way, buffers grew by ${(memory.growthBytes / mebibyte).toFixed(1)} MiB`,
      );
      assert.equal(size, sizeBytes);
      assert.equal(received.digest('hex'), sent.digest('hex'));
      assert.ok(memory.growthBytes < 24 * mebibyte, `buffers grew by ${memory.growthBytes} bytes`);
    });

    void test(`a slow reader holds the command up over ${name}, and memory with it`, async (context) => {
      await using host = await openContainer(engine, { name: 'main' }, { via: via(), way });
      const memory = new MemoryWatch();
      const process = await host.exec({ argv: ['sh', '-c', 'exec yes slow-98771'] });
      const reader = process.stdout[Symbol.asyncIterator]();
      await reader.next();
      for (let look = 0; look < 15; look++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        memory.look();
      }
      context.diagnostic(`buffers grew by ${(memory.growthBytes / mebibyte).toFixed(2)} MiB in 1.5 s without a reader`);
      assert.ok(memory.growthBytes < 4 * mebibyte, `buffers grew by ${memory.growthBytes} bytes`);
      await process[Symbol.asyncDispose]();
      assert.deepEqual(processesWith('slow-98771'), []);
    });
  }

  void test('a command that does not read holds its source up', async () => {
    await using host = await openContainer(engine, { name: 'main' });
    let asked = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      for (;;) {
        asked++;
        yield new Uint8Array(64 * 1024);
      }
    }
    await using process = await host.exec({ argv: ['sleep', '98772'] }, { stdin: source() });
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before_ = asked;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.equal(asked, before_);
    assert.ok(asked < 200, `${asked} blocks were taken`);
    assert.ok(process);
  });
});
