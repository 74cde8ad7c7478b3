import { StringDecoder } from 'node:string_decoder';

/** Keeps the end of a text of any length. */
export class TextTail {
  readonly #mostChars: number;
  readonly #decoder = new StringDecoder('utf8');
  #text = '';

  constructor(mostChars: number) {
    this.#mostChars = mostChars;
  }

  get text(): string {
    return this.#text;
  }

  add(bytes: Buffer): void {
    this.addText(this.#decoder.write(bytes));
  }

  addText(text: string): void {
    this.#text = (this.#text + text).slice(-this.#mostChars);
  }
}
