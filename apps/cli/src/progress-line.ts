import { formatBytes, formatSeconds } from './format-bytes.ts';

export interface ProgressState {
  /** What is going on, if it has a name. */
  readonly step?: string;
  readonly done: number;
  /** Undefined or 0 while it is not known. */
  readonly total?: number | undefined;
  /** Whether done and total are bytes. */
  readonly bytes?: boolean;
  /** What else to say at the end of the line. */
  readonly detail?: string;
}

/** One line at the foot of a terminal that says how far the work is: percent, rate and time left. Writes nothing where nobody looks. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #intervalMs: number;
  readonly #startMs = performance.now();
  #shownMs = Number.NEGATIVE_INFINITY;
  #isWritten = false;

  constructor(stream: NodeJS.WriteStream, enabled: boolean, perSecond: number) {
    this.#stream = stream;
    this.#intervalMs = enabled && stream.isTTY ? 1000 / perSecond : Number.POSITIVE_INFINITY;
  }

  /** Whether anybody looks. */
  get isShown(): boolean {
    return Number.isFinite(this.#intervalMs);
  }

  update(state: ProgressState): void {
    const nowMs = performance.now();
    if (!this.isShown || nowMs - this.#shownMs < this.#intervalMs) return;
    this.#shownMs = nowMs;
    this.#isWritten = true;
    this.#stream.write(`\r\u001b[2K${this.#render(state, (nowMs - this.#startMs) / 1000)}`);
  }

  /** Takes the line away, so that something else can be written. */
  clear(): void {
    if (!this.#isWritten) return;
    this.#isWritten = false;
    this.#stream.write('\r\u001b[2K');
  }

  #render({ step, done, total, bytes = false, detail }: ProgressState, seconds: number): string {
    const amount = (n: number): string => (bytes ? formatBytes(n) : String(n));
    const rate = seconds > 0 ? done / seconds : 0;
    const parts = [`[${formatSeconds(seconds)}]`];
    if (step !== undefined) parts.push(step);
    if (total !== undefined && total > 0) {
      const share = Math.min(1, done / total);
      parts.push(`${(share * 100).toFixed(2)}%`, `${amount(done)} / ${amount(total)}`);
      if (rate > 0 && share < 1) parts.push(`${formatSeconds((total - done) / rate)} left`);
    } else parts.push(amount(done));
    if (rate > 0) parts.push(`${bytes ? formatBytes(rate) : rate.toFixed(0)}/s`);
    if (detail !== undefined) parts.push(detail);
    return parts.join('  ').slice(0, Math.max(20, (this.#stream.columns ?? 80) - 1));
  }
}
