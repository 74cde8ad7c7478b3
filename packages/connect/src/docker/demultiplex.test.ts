import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BrokenFrames, demultiplex } from './demultiplex.ts';

const runs = Number(process.env['HOLDFAST_FC_RUNS'] ?? '200');

function frame(type: number, content: Uint8Array): Uint8Array {
  const header = Buffer.alloc(8);
  header[0] = type;
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}

/** The stream in pieces of those sizes, over and over. */
async function* cut(stream: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let position = 0, index = 0; position < stream.length; index++) {
    const size = sizes[index % sizes.length] ?? 1;
    yield stream.subarray(position, position + size);
    position += size;
  }
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<{ stdout: Buffer; stderr: Buffer }> {
  const parts = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  await demultiplex(source, {
    stdout: async (bytes) => void parts.stdout.push(bytes),
    stderr: async (bytes) => void parts.stderr.push(bytes),
  });
  return { stdout: Buffer.concat(parts.stdout), stderr: Buffer.concat(parts.stderr) };
}

void test('frames come apart into their streams, wherever the connection cuts them', async () => {
  const frames = fc.array(fc.record({ type: fc.constantFrom(1, 2), content: fc.uint8Array({ maxLength: 300 }) }), { maxLength: 20 });
  const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(frames, sizes, async (sent, pieces) => {
      const { stdout, stderr } = await collect(cut(Buffer.concat(sent.map(({ type, content }) => frame(type, content))), pieces));
      const expected = (wanted: number): Buffer => Buffer.concat(sent.filter(({ type }) => type === wanted).map(({ content }) => content));
      assert.deepEqual(stdout, expected(1));
      assert.deepEqual(stderr, expected(2));
    }),
    { numRuns: runs },
  );
});

void test('F14 a stream that ends within a frame is broken, at whichever byte', async () => {
  const whole = Buffer.concat([frame(1, Buffer.from('hello')), frame(2, Buffer.from('world'))]);
  const ends = new Set([0, 13, 26]);
  for (let length = 0; length <= whole.length; length++) {
    const reading = collect(cut(whole.subarray(0, length), [3]));
    if (ends.has(length)) await reading;
    else await assert.rejects(reading, BrokenFrames, `cut at ${length}`);
  }
});

void test('what is no stream of a command is refused, and an error of the engine is thrown with its words', async () => {
  await assert.rejects(collect(cut(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), [100])), BrokenFrames);
  await assert.rejects(collect(cut(frame(0, Buffer.from('x')), [100])), BrokenFrames);
  await assert.rejects(collect(cut(frame(7, Buffer.from('x')), [100])), BrokenFrames);
  await assert.rejects(collect(cut(frame(3, Buffer.from('no space left')), [4])), /no space left/);
});

void test('nothing is read from the connection while a stream has no room', async () => {
  let read = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      read++;
      yield frame(1, Buffer.alloc(1000));
    }
  }
  const room = Promise.withResolvers<void>();
  const done = demultiplex(endless(), {
    stdout: async () => await room.promise,
    stderr: async () => undefined,
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(read, 1);
  room.reject(new Error('enough'));
  await assert.rejects(done, /enough/);
});
