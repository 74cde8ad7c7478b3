const memorySeconds = 8;
const leastSeconds = 1;

/** How fast a count grows, smoothed over some seconds; the older a measurement is, the less it counts. */
export class SmoothedRate {
  #count = 0;
  #atNs: bigint | undefined;
  #startNs = 0n;
  #perSecond: number | null = null;

  /** Null until there is something to tell. */
  get perSecond(): number | null {
    return this.#perSecond;
  }

  restart(): void {
    this.#atNs = undefined;
    this.#perSecond = null;
  }

  reach(count: number, nowNs: bigint): void {
    const seconds = this.#atNs === undefined ? 0 : Number(nowNs - this.#atNs) / 1e9;
    if (this.#atNs === undefined) this.#startNs = nowNs;
    if (seconds > 0) {
      const now = Math.max(0, count - this.#count) / seconds;
      // In the beginning all that was measured counts alike.
      const age = Number(nowNs - this.#startNs) / 1e9;
      const weight = 1 - Math.exp(-seconds / Math.min(memorySeconds, Math.max(age, seconds)));
      this.#perSecond = this.#perSecond === null ? now : this.#perSecond + weight * (now - this.#perSecond);
    }
    this.#count = count;
    this.#atNs = nowNs;
  }

  /** Seconds until the total is reached at this rate; null while that is not known. */
  secondsTo(total: number | undefined): number | null {
    if (total === undefined || this.#perSecond === null || this.#atNs === undefined) return null;
    if (total <= this.#count) return 0;
    if (this.#perSecond <= 0 || Number(this.#atNs - this.#startNs) / 1e9 < leastSeconds) return null;
    return (total - this.#count) / this.#perSecond;
  }
}
