import { constants } from 'node:os';
import { CodedError } from '@holdfast/kernel';
import { plainText } from '../collect-tail.ts';
import type { ProcessExit } from '../port.ts';

/** How much a login script may write in front of a command before it is taken for something that will not stop. */
const maximumNoiseBytes = 1024 * 1024;

/** What follows the line of the mark; what came before it was not the command's. */
export async function* afterMark(stream: AsyncIterable<Uint8Array>, mark: string): AsyncGenerator<Uint8Array> {
  const wanted = Buffer.from(`${mark}\n`);
  let before: Buffer | undefined = Buffer.alloc(0);
  for await (const bytes of stream) {
    if (before === undefined) {
      yield bytes;
      continue;
    }
    before = Buffer.concat([before, bytes]);
    const at = before.indexOf(wanted);
    if (at === -1) {
      if (before.length > maximumNoiseBytes) throw noise();
      continue;
    }
    const rest = before.subarray(at + wanted.length);
    before = undefined;
    if (rest.length > 0) yield rest;
  }
}

/** The standard error of a far command with the marks taken out and read. */
export class MarkedStderr {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #mark: Buffer;
  #held: Buffer = Buffer.alloc(0);
  #process: number | undefined;
  #exit: ProcessExit | undefined;

  constructor(stream: AsyncIterable<Uint8Array>, mark: string) {
    this.#source = stream[Symbol.asyncIterator]();
    this.#mark = Buffer.from(`${mark}:`);
  }

  /** How the command ended, once the stream was read to its end; undefined if it was never said. */
  get exit(): ProcessExit | undefined {
    return this.#exit;
  }

  /** What came and was not given out yet, for people. */
  get heldText(): string {
    return plainText(this.#held);
  }

  /** Reads until the script says which process it is: from then on the command runs. Undefined when the stream ends without. */
  async started(): Promise<number | undefined> {
    while (this.#process === undefined) {
      const next = await this.#source.next();
      if (next.done === true) break;
      this.#held = Buffer.concat([this.#held, next.value]);
      if (this.#held.length > maximumNoiseBytes) throw noise();
      const free = this.#take();
      this.#held = Buffer.concat([...free, this.#held]);
    }
    return this.#process;
  }

  /** What is not a mark, as it comes. */
  async *rest(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        yield* this.#take();
        const next = await this.#source.next();
        if (next.done === true) break;
        this.#held = Buffer.concat([this.#held, next.value]);
      }
      if (this.#held.length > 0) yield this.#held;
      this.#held = Buffer.alloc(0);
    } finally {
      await this.#source.return?.();
    }
  }

  /** Takes from what is held all that can be no part of a mark, and reads whole marks: at once, since the end of the stream may be next. */
  #take(): Buffer[] {
    const taken: Buffer[] = [];
    for (;;) {
      const at = this.#held.indexOf(this.#mark);
      const free = at === -1 ? this.#held.length - overlap(this.#held, this.#mark) : at;
      if (free > 0) taken.push(this.#held.subarray(0, free));
      this.#held = this.#held.subarray(free);
      const end = at === -1 ? -1 : this.#held.indexOf('\n');
      if (end === -1) return taken;
      this.#read(this.#held.subarray(this.#mark.length, end).toString('latin1'));
      this.#held = this.#held.subarray(end + 1);
    }
  }

  #read(said: string): void {
    const [kind, number = '', signal = ''] = said.split(':');
    if (!/^[0-9]{1,10}$/.test(number)) return;
    // Only the script speaks before the command runs: what looks like a second beginning is the command's doing.
    if (kind === 's') this.#process ??= Number(number);
    if (kind === 'e') this.#exit = exitOf(Number(number), signal);
  }
}

/** A shell says 128 + n for a signal n, and `kill -l` of the far system which one that is. */
function exitOf(code: number, signal: string): ProcessExit {
  const name = `SIG${signal}`;
  const isSignal = code > 128 && (Object.hasOwn(constants.signals, name) || /^RT(?:MIN|MAX)/.test(signal));
  return isSignal ? { kind: 'signalled', signal: name } : { kind: 'exited', code };
}

/** How many bytes at the end of `bytes` could be the beginning of `wanted`. */
function overlap(bytes: Buffer, wanted: Buffer): number {
  for (let length = Math.min(bytes.length, wanted.length - 1); length > 0; length--) {
    if (bytes.subarray(bytes.length - length).equals(wanted.subarray(0, length))) return length;
  }
  return 0;
}

function noise(): CodedError {
  return new CodedError({
    code: 'command-failed',
    message: 'The account writes without end before a command can begin',
    hint: 'See that its login scripts write nothing when nobody sits at a terminal.',
  });
}
