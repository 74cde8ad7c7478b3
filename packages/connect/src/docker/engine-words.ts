import type { ProcessExit } from '../port.ts';
import { exitOfNeverStarted } from './never-started.ts';

const longestBytes = 4096;
const couldNotStart = /^OCI runtime exec failed: [^\r\n]*\r\n$/;

/**
 * Where a client is between, Docker's reason for not starting a command arrives as the command's whole output. It is taken out of there, so that
 * nobody takes it for data, and kept for standard error.
 */
export class EngineWords {
  #words: Uint8Array | undefined;

  /** What a command wrote, as it comes; only a first piece that could be such a reason waits until something follows. */
  async *without(stdout: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let isFirst = true;
    for await (const bytes of stdout) {
      if (isFirst && isReason(bytes)) this.#words = bytes;
      else {
        if (this.#words !== undefined) yield this.#words;
        this.#words = undefined;
        yield bytes;
      }
      isFirst = false;
    }
  }

  get reason(): Uint8Array | undefined {
    return this.#words;
  }

  /** What the reason amounts to, where there is one. */
  get exit(): ProcessExit | undefined {
    return this.#words === undefined ? undefined : exitOfNeverStarted(new TextDecoder().decode(this.#words));
  }
}

function isReason(bytes: Uint8Array): boolean {
  return bytes.length <= longestBytes && couldNotStart.test(new TextDecoder().decode(bytes));
}
