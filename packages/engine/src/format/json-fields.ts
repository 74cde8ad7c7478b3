import { CodedError } from '@holdfast/kernel';

/** Room for half a million paths of a snapshot; more would take gigabytes to parse at once. */
const limitBytes = 128 << 20;

/**
 * The fields of a JSON object of the format, each read as what it must be: `format-invalid` names the one that is not. Fields that are not
 * asked for are passed over, since a newer program may have written them. Own code, where everything that people write goes through zod:
 * this is on the way of every command, and zod alone takes as long to load as the key takes to derive on a fast machine.
 */
export class JsonFields {
  readonly #fields: Readonly<Record<string, unknown>>;
  readonly #what: string;
  readonly #path: string;

  private constructor(fields: unknown, what: string, path: string) {
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) throw invalid(what, `${path}: must be an object`);
    this.#fields = fields as Readonly<Record<string, unknown>>;
    this.#what = what;
    this.#path = path;
  }

  /** Those of a file, for files of a few kilobytes. `what` names it in errors. */
  static parse(bytes: Uint8Array, what: string): JsonFields {
    if (bytes.byteLength > limitBytes) throw invalid(what, `it is longer than ${limitBytes >> 20} MiB`);
    let value: unknown;
    try {
      value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
    } catch (cause) {
      throw invalid(what, 'it is no JSON', cause);
    }
    return new JsonFields(value, what, '');
  }

  string(name: string, absent?: string): string {
    const value = this.#get(name) ?? absent;
    return typeof value === 'string' ? value : this.#fail(name, 'must be a text');
  }

  /** 64 digits of lower-case hexadecimal. */
  id(name: string): string {
    return this.matching(name, /^[0-9a-f]{64}$/, 'must be an ID');
  }

  /** The same; null is as good as nothing. */
  optionalId(name: string): string | undefined {
    return this.#isNothing(name) ? undefined : this.id(name);
  }

  matching(name: string, form: RegExp, otherwise: string): string {
    const value = this.string(name);
    return form.test(value) ? value : this.#fail(name, otherwise);
  }

  /** Standard base64 of as many bytes, or of any number. */
  base64(name: string, bytes?: number): Uint8Array {
    const text = this.string(name);
    const value = Buffer.from(text, 'base64');
    if (value.toString('base64') !== text) return this.#fail(name, 'must be base64');
    return bytes === undefined || value.byteLength === bytes ? value : this.#fail(name, `must be ${bytes} bytes`);
  }

  boolean(name: string): boolean {
    const value = this.#get(name);
    return typeof value === 'boolean' ? value : this.#fail(name, 'must be true or false');
  }

  integer(name: string, absent?: number): number {
    const value = this.#get(name) ?? absent;
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : this.#fail(name, 'must be a whole number');
  }

  /** A list of texts; null, which Go writes for an empty one, and nothing are the empty list. */
  strings(name: string): readonly string[] {
    if (this.#isNothing(name)) return [];
    const value = this.#get(name);
    return Array.isArray(value) && value.every((each): each is string => typeof each === 'string')
      ? value
      : this.#fail(name, 'must be a list of texts');
  }

  object(name: string): JsonFields {
    return new JsonFields(this.#get(name), this.#what, `${this.#path}${name}`);
  }

  /** The same; null is as good as nothing. */
  optionalObject(name: string): JsonFields | undefined {
    return this.#isNothing(name) ? undefined : this.object(name);
  }

  /** Refuses the file because of this field. */
  refuse(name: string, why: string): never {
    return this.#fail(name, why);
  }

  #isNothing(name: string): boolean {
    const value = this.#get(name);
    return value === undefined || value === null;
  }

  #get(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
  }

  #fail(name: string, why: string): never {
    throw invalid(this.#what, `${this.#path === '' ? '' : `${this.#path}.`}${name}: ${why}`);
  }
}

function invalid(what: string, why: string, cause?: unknown): CodedError {
  return new CodedError({
    code: 'format-invalid',
    message: `A ${what} cannot be decoded: ${why}`,
    hint: 'It was damaged, or written by a program that Holdfast does not know.',
    cause,
  });
}
