import { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { CodedError } from '@holdfast/kernel';
import { z } from 'zod';
import { plainText } from '../collect-tail.ts';
import { connectionLost } from '../link-errors.ts';
import { EngineAgent } from './engine-agent.ts';
import type { EngineDialer } from './engine-dialer.ts';
import { engineRefused, strangeEngine } from './engine-errors.ts';
import { percentEncoded } from './percent-encoded.ts';

export interface EngineCall {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** Behind the version; what is variable in it is encoded already. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | Uint8Array>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** For messages: `starting the command`. */
  readonly doing: string;
}

const maximumAnswerBytes = 16 * 1024 * 1024;
const maximumRefusalBytes = 64 * 1024;
const noted = (): undefined => undefined;

/** HTTP over connections that a dialer opens. Everything that fails on the way is a CodedError of the link. */
export class EngineHttp {
  link: string;
  /** The version that goes before every path, once it is agreed on. */
  prefix = '';
  readonly #dial: () => Promise<Duplex>;
  readonly #agent: EngineAgent;
  readonly #lifetime = new AbortController();

  constructor(dial: EngineDialer, link: string) {
    this.link = link;
    this.#dial = async () => await dial(this.#lifetime.signal);
    this.#agent = new EngineAgent(this.#dial);
  }

  async headers(call: EngineCall, signal: AbortSignal): Promise<IncomingHttpHeaders> {
    const response = await this.accepted(call, signal);
    // To its end, so that the connection can be used again.
    await this.#read(response, call, signal, maximumAnswerBytes);
    return response.headers;
  }

  async text(call: EngineCall, signal: AbortSignal): Promise<string> {
    return await this.#read(await this.accepted(call, signal), call, signal, maximumAnswerBytes);
  }

  /** An answer with a status of success, its content still to be read. */
  async accepted(call: EngineCall, signal: AbortSignal): Promise<IncomingMessage> {
    const content = call.body === undefined ? undefined : JSON.stringify(call.body);
    for (let attempt = 1; ; attempt++) {
      const outgoing = this.#request(call);
      if (content !== undefined)
        outgoing.setHeader('content-type', 'application/json').setHeader('content-length', Buffer.byteLength(content));
      outgoing.end(content);
      try {
        return await this.#checked(await this.#response(outgoing, call, signal), call, signal);
      } catch (error) {
        // The engine may close a connection that was at rest just when it is used again.
        if (signal.aborted || attempt > 1 || !outgoing.reusedSocket || !CodedError.is(error, 'connection-lost')) throw error;
      }
    }
  }

  async upload(call: EngineCall, source: AsyncIterable<Uint8Array>): Promise<void> {
    const { signal = new AbortController().signal } = call;
    const outgoing = this.#request(call).setHeader('content-type', 'application/x-tar');
    const response = this.#response(outgoing, call, signal);
    response.catch(noted);
    let isAnswered = false;
    outgoing.once('response', () => {
      isAnswered = true;
    });
    try {
      for await (const bytes of source) {
        if (!outgoing.write(bytes)) await writable(outgoing);
        // Whoever has answered already wants no more.
        if (isAnswered || outgoing.destroyed || outgoing.errored !== null) break;
      }
    } catch (error) {
      outgoing.destroy(new Error('the source of an upload failed'));
      throw error;
    }
    outgoing.end();
    await this.#read(await this.#checked(await response, call, signal), call, signal, maximumAnswerBytes);
  }

  /** On a connection of its own, which is handed over. */
  async upgrade(call: EngineCall, signal: AbortSignal): Promise<Duplex> {
    const socket = await this.#open(call, signal);
    const content = JSON.stringify(call.body ?? {});
    const outgoing = request({
      ...this.#target(call),
      createConnection: () => socket,
      headers: {
        host: 'engine',
        connection: 'Upgrade',
        upgrade: 'tcp',
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(content),
      },
    });
    const upgraded = new Promise<Duplex>((resolve) => {
      outgoing.once('upgrade', (_response, connection, head) => {
        if (head.length > 0) connection.unshift(head);
        resolve(connection);
      });
    });
    const answered = this.#response(outgoing, call, signal);
    answered.catch(noted);
    outgoing.end(content);
    const first = await Promise.race([upgraded, answered]);
    if ('write' in first) return first;
    await this.#checked(first, call, signal);
    first.destroy();
    throw strangeEngine(this.link, call.doing, `status ${first.statusCode} in place of the connection`);
  }

  /** Breaks off whatever is under way. */
  close(): void {
    this.#lifetime.abort(new CodedError({ code: 'cancelled', message: `${this.link}: the connection to the engine was closed` }));
    this.#agent.destroy();
  }

  /** The content of an answer. What ends before its end throws. */
  async *body(response: IncomingMessage, call: EngineCall, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    const onAbort = (): void => void response.destroy(new Error('aborted'));
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      if (signal?.aborted === true) onAbort();
      yield* response as AsyncIterable<Uint8Array>;
      if (!response.complete) throw new Error('it ended too early');
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#broken(call, error);
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #target(call: EngineCall): { readonly method: string; readonly path: string; readonly host: string } {
    const query = Object.entries(call.query ?? {}).map(([name, value]) => `${name}=${percentEncoded(value)}`);
    return { method: call.method, path: `${this.prefix}${call.path}${query.length === 0 ? '' : `?${query.join('&')}`}`, host: 'engine' };
  }

  #request(call: EngineCall): ClientRequest {
    return request({ ...this.#target(call), agent: this.#agent, headers: { host: 'engine' } });
  }

  async #open(call: EngineCall, signal: AbortSignal): Promise<Duplex> {
    const opening = this.#dial();
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      signal.throwIfAborted();
      return await Promise.race([opening, aborted.promise]);
    } catch (error) {
      opening.then((socket) => socket.destroy(), noted);
      signal.throwIfAborted();
      throw this.#broken(call, error);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #response(outgoing: ClientRequest, call: EngineCall, signal: AbortSignal): Promise<IncomingMessage> {
    const answer = Promise.withResolvers<IncomingMessage>();
    const onAbort = (): void => {
      outgoing.destroy(new Error('aborted'));
      // The request itself says nothing while its connection is still being opened.
      answer.reject(signal.reason);
    };
    outgoing.on('response', answer.resolve).on('error', answer.reject);
    outgoing.once('close', () => answer.reject(new Error('closed without an answer')));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      return await answer.promise;
    } catch (error) {
      signal.throwIfAborted();
      throw this.#broken(call, error);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #checked(response: IncomingMessage, call: EngineCall, signal: AbortSignal): Promise<IncomingMessage> {
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return response;
    throw engineRefused(this.link, call.doing, status, messageIn(await this.#read(response, call, signal, maximumRefusalBytes)));
  }

  async #read(response: IncomingMessage, call: EngineCall, signal: AbortSignal, limitBytes: number): Promise<string> {
    const parts: Uint8Array[] = [];
    let size = 0;
    for await (const bytes of this.body(response, call, signal)) {
      size += bytes.length;
      if (size > limitBytes) throw strangeEngine(this.link, call.doing, `more than ${limitBytes} bytes`);
      parts.push(bytes);
    }
    return Buffer.concat(parts).toString('utf8');
  }

  #broken(call: EngineCall, error: unknown): unknown {
    if (this.#lifetime.signal.aborted) return this.#lifetime.signal.reason;
    if (CodedError.is(error)) return error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code.startsWith('HPE_')) return strangeEngine(this.link, call.doing, 'no HTTP', error);
    return connectionLost(`${this.link}: ${call.doing}`, error, this.link);
  }
}

const refusalSchema = z.object({ message: z.string() });

function messageIn(text: string): string {
  try {
    return plainText(Buffer.from(refusalSchema.parse(JSON.parse(text)).message));
  } catch {
    return plainText(Buffer.from(text));
  }
}

async function writable(outgoing: ClientRequest): Promise<void> {
  const events = ['drain', 'response', 'close', 'error'];
  await new Promise<void>((resolve) => {
    const done = (): void => {
      for (const event of events) outgoing.removeListener(event, done);
      resolve();
    };
    for (const event of events) outgoing.once(event, done);
  });
}
