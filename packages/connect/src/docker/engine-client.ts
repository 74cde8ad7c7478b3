import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Clock, CodedError, systemClock } from '@holdfast/kernel';
import { z } from 'zod';
import { linkUnreachable } from '../link-errors.ts';
import type { CallOptions } from '../port.ts';
import type { EngineDialer } from './engine-dialer.ts';
import { strangeEngine } from './engine-errors.ts';
import { type EngineCall, EngineHttp } from './engine-http.ts';

export type { EngineCall } from './engine-http.ts';

export interface EngineClientOptions extends CallOptions {
  /** For messages: `ssh deploy@db1 → docker pg`. */
  readonly link: string;
  readonly clock?: Clock;
}

/** The newest version of the API that Holdfast knows, and the oldest that has all it needs (working directories of commands). */
const newestVersion = [1, 51] as const;
const oldestVersion = [1, 35] as const;
/** For answers that come at once when an engine is well. Streams have no limit. */
const answerTimeoutMs = 60_000;

/**
 * Speaks the Docker Engine API (Podman's compatible one too) over connections that a dialer opens. Every answer is checked before use and has a
 * bounded size; streams are passed on with back-pressure and never held. A refusal is `engine-refused` with `context.status`.
 */
export class EngineClient implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #http: EngineHttp;

  private constructor(dial: EngineDialer, options: EngineClientOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#http = new EngineHttp(dial, options.link);
  }

  /** Asks who answers there, and agrees on a version. `link-unreachable` where nobody does. */
  static async open(dial: EngineDialer, options: EngineClientOptions): Promise<EngineClient> {
    const client = new EngineClient(dial, options);
    try {
      await client.#negotiate(options);
      return client;
    } catch (error) {
      await client[Symbol.asyncDispose]();
      if (!CodedError.is(error, 'connection-lost')) throw error;
      throw linkUnreachable(`The container engine for ${options.link}`, 'the host before it', error, options.link);
    }
  }

  /** The name of the link in messages. It is set again once the container's own name is known. */
  get link(): string {
    return this.#http.link;
  }

  set link(link: string) {
    this.#http.link = link;
  }

  /** A call that answers shortly, in JSON of that shape. */
  async json<T>(schema: z.ZodType<T>, call: EngineCall): Promise<T> {
    const text = await this.#shortly(call, async (signal) => await this.#http.text(call, signal));
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw strangeEngine(this.link, call.doing, 'no JSON', error);
    }
    const checked = schema.safeParse(value);
    if (!checked.success) throw strangeEngine(this.link, call.doing, z.prettifyError(checked.error), checked.error);
    return checked.data;
  }

  /** A call whose answer says nothing but that it was done. */
  async run(call: EngineCall): Promise<void> {
    await this.#shortly(call, async (signal) => await this.#http.text(call, signal));
  }

  /** The head of an answer. */
  async headers(call: EngineCall): Promise<IncomingHttpHeaders> {
    return await this.#shortly(call, async (signal) => await this.#http.headers(call, signal));
  }

  /** An answer of any length. Leaving the loop early breaks the connection off; an answer that is cut short throws `connection-lost`. */
  async *download(call: EngineCall): AsyncGenerator<Uint8Array> {
    const response = await this.#shortly(call, async (signal) => await this.#http.accepted(call, signal));
    yield* this.#http.body(response, call, call.signal);
  }

  /** Sends bytes of any length with back-pressure. What the source throws breaks the call off and is thrown again. */
  async upload(call: EngineCall, source: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#http.upload(call, source);
  }

  /** The connection itself, behind an answer that hands it over. Half-open: ending it leaves the other direction as it is. */
  async upgrade(call: EngineCall): Promise<Duplex> {
    return await this.#shortly(call, async (signal) => await this.#http.upgrade(call, signal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http.close();
  }

  async #negotiate(options: CallOptions): Promise<void> {
    const call: EngineCall = { method: 'GET', path: '/_ping', signal: options.signal, doing: 'asking for its version' };
    const limitMs = Math.min(options.timeoutMs ?? answerTimeoutMs, answerTimeoutMs);
    const headers = await this.#shortly(call, async (signal) => await this.#http.headers(call, signal), limitMs);
    const said = /^(\d{1,4})\.(\d{1,4})$/.exec(String(headers['api-version'] ?? ''));
    if (said === null) throw strangeEngine(this.link, call.doing, 'it does not tell the version of its API');
    const theirs = [Number(said[1]), Number(said[2])] as const;
    if (isOlder(theirs, oldestVersion)) {
      throw new CodedError({
        code: 'engine-refused',
        message: `${this.link}: the engine speaks version ${theirs.join('.')} of the API, and ${oldestVersion.join('.')} is needed`,
        hint: 'Update the engine: Docker 17.12 or later, Podman 3 or later.',
        context: { link: this.link },
      });
    }
    this.#http.prefix = `/v${(isOlder(theirs, newestVersion) ? theirs : newestVersion).join('.')}`;
  }

  /** Gives the work a signal that also falls when it takes too long, and says so. */
  async #shortly<T>(call: EngineCall, work: (signal: AbortSignal) => Promise<T>, limitMs = answerTimeoutMs): Promise<T> {
    const over = new AbortController();
    const late = new AbortController();
    const signal = call.signal === undefined ? late.signal : AbortSignal.any([late.signal, call.signal]);
    const why = `no answer within ${limitMs / 1000} s while ${call.doing}`;
    void this.#clock.sleep(limitMs, over.signal).then(
      () => late.abort(linkUnreachable(`The container engine for ${this.link}`, 'the host before it', why, this.link)),
      () => undefined,
    );
    try {
      return await work(signal);
    } finally {
      over.abort();
    }
  }
}

function isOlder(one: readonly [number, number], other: readonly [number, number]): boolean {
  return one[0] < other[0] || (one[0] === other[0] && one[1] < other[1]);
}
