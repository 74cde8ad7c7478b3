import { type Clock, CodedError, type RandomSource } from '@holdfast/kernel';

/** What a link lets somebody fetch. */
export interface LinkTarget {
  readonly storedSnapshotId: string;
  readonly path: string;
  /** Who asked for it, as `holderOf` tells; nobody else may use it. */
  readonly holder: string;
}

const goodForMs = 60_000;
const mostLinks = 1000;

/** Links to downloads, each good once and for a minute. They are kept in memory: a restart ends them. */
export class Links {
  readonly #links = new Map<string, LinkTarget & { readonly untilMs: number }>();
  readonly #clock: Clock;
  readonly #random: RandomSource;

  constructor(clock: Clock, random: RandomSource) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The secret part of a new link. */
  make(target: LinkTarget): string {
    const nowMs = this.#nowMs();
    for (const [key, link] of this.#links) if (link.untilMs <= nowMs || this.#links.size >= mostLinks) this.#links.delete(key);
    const token = Buffer.from(this.#random.bytes(32)).toString('base64url');
    this.#links.set(token, { ...target, untilMs: nowMs + goodForMs });
    return token;
  }

  /** What a link leads to. It is used up by whoever owns it; a stranger does not spoil it. */
  take(token: string, holder: string): LinkTarget {
    const link = this.#links.get(token);
    if (link === undefined || link.untilMs <= this.#nowMs() || link.holder !== holder) {
      throw new CodedError({ code: 'link-expired', message: 'This link is not good any more', hint: 'Ask for the download again.' });
    }
    this.#links.delete(token);
    return link;
  }

  #nowMs(): number {
    return Number(this.#clock.nowNs() / 1_000_000n);
  }
}
