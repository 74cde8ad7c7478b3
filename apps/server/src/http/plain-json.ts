/**
 * An answer that is plain JSON already, as all answers of the contract are. The library that writes answers copies every value of what it does
 * not know to be that, which for a list of a thousand backups takes longer than to read them.
 */
export class PlainJson {
  readonly #value: unknown;

  private constructor(value: unknown) {
    this.#value = value;
  }

  /** Streams of events stay what they are, and so does no answer at all. */
  static of(answer: unknown): unknown {
    if (answer === undefined || (typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer)) return answer;
    return new PlainJson(answer);
  }

  toJSON(): unknown {
    return this.#value;
  }
}
