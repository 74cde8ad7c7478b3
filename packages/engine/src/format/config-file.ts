import { CodedError } from '@holdfast/kernel';
import { isIrreducible } from '../chunker/polynomial.ts';
import { JsonFields } from './json-fields.ts';

export interface ConfigFile {
  readonly version: 1 | 2;
  readonly id: string;
  /** Chunker polynomial over GF(2), the highest bit being its degree. */
  readonly polynomial: bigint;
}

const chunkerDegree = 53;
/** The plaintext of a config file. */
export function encodeConfig({ version, id, polynomial }: ConfigFile): Uint8Array {
  return Buffer.from(JSON.stringify({ version, id, chunker_polynomial: polynomial.toString(16) }));
}

/** `repository-unsupported` for a version that is not 1 or 2, `format-invalid` for what is no config. */
export function decodeConfig(bytes: Uint8Array): ConfigFile {
  const fields = JsonFields.parse(bytes, 'config file');
  const version = fields.integer('version');
  if (version !== 1 && version !== 2) {
    throw new CodedError({
      code: 'repository-unsupported',
      message: `The repository has format version ${version}; Holdfast knows versions 1 and 2`,
      hint: 'A newer program made it. Use that program, or a newer Holdfast.',
      context: { version },
    });
  }
  const id = fields.id('id');
  const polynomial = BigInt(`0x${fields.matching('chunker_polynomial', /^[0-9a-f]{1,16}$/, 'must be a polynomial in hexadecimal')}`);
  if (polynomial >> BigInt(chunkerDegree) !== 1n || !isIrreducible(polynomial)) {
    throw new CodedError({
      code: 'format-invalid',
      message: 'The config file of the repository has a chunker polynomial that cannot be used',
      hint: 'Restore the file named config from a copy of the repository.',
    });
  }
  return { version, id, polynomial };
}
