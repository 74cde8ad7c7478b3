import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { z } from 'zod';
import { EngineClient } from './engine-client.ts';

const isCode = (code: CodedError['code']) => (error: unknown) => CodedError.is(error, code) && error.context['link'] === 'docker x';
const ping = 'HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK';
const anything = z.unknown();

/** A program on a socket that answers each request, in order, with one of these texts; the last one for all that follow. */
class ScriptedEngine implements AsyncDisposable {
  readonly requests: string[] = [];
  connections = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  readonly #folder: string;

  private constructor(folder: string, answers: readonly (string | 'close' | 'silence')[]) {
    this.#folder = folder;
    this.#server = createServer((socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        // The content of a request may come behind its head.
        if (!/ HTTP\/1\.1\r\n/.test(bytes.toString())) return;
        const answer = answers[Math.min(this.requests.length, answers.length - 1)] ?? 'close';
        this.requests.push(bytes.toString());
        if (answer === 'close') socket.destroy();
        else if (answer !== 'silence') socket.write(answer);
        if (answer.includes('Connection: close')) socket.end();
      });
    });
  }

  static async start(...answers: readonly string[]): Promise<ScriptedEngine> {
    const engine = new ScriptedEngine(await mkdtemp(join(tmpdir(), 'holdfast-scripted-')), answers);
    await new Promise<void>((resolve) => engine.#server.listen(engine.path, resolve));
    return engine;
  }

  get path(): string {
    return join(this.#folder, 's');
  }

  async open(): Promise<EngineClient> {
    const dial = async (): Promise<Socket> =>
      await new Promise((resolve) => {
        const socket = connect({ path: this.path, allowHalfOpen: true }, () => resolve(socket));
      });
    return await EngineClient.open(dial, { link: 'docker x' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.breakOff();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#folder, { recursive: true });
  }

  /** Closes every connection without a word more. */
  breakOff(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

function json(value: unknown, status = '200 OK'): string {
  const text = JSON.stringify(value);
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

const call = { method: 'GET', path: '/thing', doing: 'looking' } as const;

void test('the version is agreed on, and one connection serves call after call', async () => {
  await using engine = await ScriptedEngine.start(ping, json({ a: 1 }));
  await using client = await engine.open();
  assert.deepEqual(await client.json(z.object({ a: z.number() }), call), { a: 1 });
  await client.run({ ...call, method: 'POST', body: { b: 2 }, query: { q: Uint8Array.of(0xff, 0x26) } });
  assert.match(engine.requests[1] ?? '', /^GET \/v1\.41\/thing HTTP/);
  assert.match(engine.requests[2] ?? '', /^POST \/v1\.41\/thing\?q=%FF%26 HTTP/);
  assert.equal(engine.connections, 1);
});

void test('what is no engine, or one too old, is refused', async () => {
  for (const answer of [
    'SSH-2.0-OpenSSH_9.2\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK',
    ping.replace('1.41', '1.30'),
    ping.replace('1.41', 'x'),
  ]) {
    await using engine = await ScriptedEngine.start(answer);
    await assert.rejects(engine.open(), isCode('engine-refused'), answer);
  }
  await using engine = await ScriptedEngine.start('close');
  await assert.rejects(engine.open(), isCode('link-unreachable'));
});

void test('a refusal has the words of the engine, cleaned, and its status', async () => {
  await using engine = await ScriptedEngine.start(ping, json({ message: 'no \u001b[31msuch thing' }, '404 Not Found'));
  await using client = await engine.open();
  await assert.rejects(
    client.run(call),
    (error) =>
      isCode('engine-refused')(error) &&
      error instanceof CodedError &&
      error.context['status'] === 404 &&
      !error.message.includes('\u001b'),
  );
});

void test('F19 answers are checked, and one of another shape or without end is an error', async () => {
  const endless = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${`100000\r\n${' '.repeat(0x100000)}\r\n`.repeat(20)}0\r\n\r\n`;
  for (const answer of [json({ a: 'text' }), json([]), 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{', endless]) {
    await using engine = await ScriptedEngine.start(ping, answer);
    await using client = await engine.open();
    await assert.rejects(client.json(z.object({ a: z.number() }), call), isCode('engine-refused'));
  }
});

void test('F14 an answer that is cut short is a failure, wherever it is cut', async () => {
  const whole = json({ a: 'x'.repeat(100) });
  for (let length = 1; length < whole.length; length += 7) {
    await using engine = await ScriptedEngine.start(ping, `${whole.slice(0, length)}`);
    await using client = await engine.open();
    const asking = client.json(anything, call);
    // It is asked once more where the first connection was an old one.
    const breaking = setInterval(() => engine.breakOff(), 20);
    await assert.rejects(asking, isCode('connection-lost'), `cut at ${length}`).finally(() => clearInterval(breaking));
  }
});

void test('a connection that was closed at rest is replaced, once', async () => {
  await using engine = await ScriptedEngine.start(ping, 'close', json({ a: 1 }), 'close');
  await using client = await engine.open();
  assert.deepEqual(await client.json(anything, call), { a: 1 });
  assert.equal(engine.connections, 2);
  await assert.rejects(client.run(call), isCode('connection-lost'));
});

void test('an aborted call rejects with the reason at once, also while the engine is silent', async () => {
  await using engine = await ScriptedEngine.start(ping, 'silence');
  await using client = await engine.open();
  for (const work of [
    async (signal: AbortSignal) => await client.run({ ...call, signal }),
    async (signal: AbortSignal) => await client.upgrade({ ...call, method: 'POST', signal }),
    async (signal: AbortSignal) => await client.download({ ...call, signal }).next(),
  ]) {
    const cancel = new AbortController();
    const reason = new Error('enough');
    const working = work(cancel.signal);
    setTimeout(() => cancel.abort(reason), 20);
    await assert.rejects(working, (error) => error === reason);
  }
});

void test('a connection that is not handed over is an error', async () => {
  await using engine = await ScriptedEngine.start(ping, json({}));
  await using client = await engine.open();
  await assert.rejects(client.upgrade({ ...call, method: 'POST' }), isCode('engine-refused'));
});

void test('what is under way ends when the client is disposed of', async () => {
  await using engine = await ScriptedEngine.start(ping, 'silence');
  const client = await engine.open();
  const asking = client.run(call);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await client[Symbol.asyncDispose]();
  await assert.rejects(asking, (error) => CodedError.is(error, 'cancelled'));
});
