import { StorageSecrets } from '@holdfast/contract';
import { Secret } from '@holdfast/kernel';
import type { SecretSealer } from '../secrets/secret-sealer.ts';

/** The secrets of a storage server as its row keeps them; null where there are none. */
export function sealStorageSecrets(sealer: SecretSealer, id: string, secrets: StorageSecrets | undefined): string | null {
  if (secrets === undefined || Object.keys(secrets).length === 0) return null;
  return sealer.seal(new Secret(JSON.stringify(secrets)), placeOf(id));
}

/** `secret-unreadable` if they do not open. */
export function openStorageSecrets(sealer: SecretSealer, id: string, sealed: string | null): StorageSecrets | undefined {
  return sealed === null ? undefined : StorageSecrets.parse(JSON.parse(sealer.open(sealed, placeOf(id)).reveal()));
}

function placeOf(id: string): { table: string; id: string; column: string } {
  return { table: 'storage_server', id, column: 'secrets' };
}
