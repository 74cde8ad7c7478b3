import type { Secret } from '@holdfast/kernel';

/** Where a secret stands: the table, the row and the column. A sealed secret that is moved elsewhere does not open. */
export interface SecretPlace {
  readonly table: string;
  readonly id: string;
  readonly column: string;
}

/** Seals secrets for the database (envelope encryption under the master key). Two seals of one secret differ. */
export interface SecretSealer {
  seal(secret: Secret, place: SecretPlace): string;
  /** `secret-unreadable` when it was sealed under another master key, changed or moved. */
  open(sealed: string, place: SecretPlace): Secret;
}
