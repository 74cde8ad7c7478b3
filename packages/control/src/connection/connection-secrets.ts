import { ConnectionSecrets, type SecretName } from '@holdfast/contract';
import { Secret } from '@holdfast/kernel';
import type { ControlContext } from '../control-context.ts';
import { wrongField } from '../refusals.ts';

/** A secret that is not named stays as it is; null takes it away. */
export type SecretChanges = Partial<Record<SecretName, string | null>>;

/** The columns of a row that hold these secrets. */
export function sealSecrets(
  { sealer }: ControlContext,
  id: string,
  secrets: ConnectionSecrets,
): { readonly secrets: string; readonly secret_names: string } {
  return {
    secrets: sealer.seal(new Secret(JSON.stringify(secrets)), { table: 'connection', id, column: 'secrets' }),
    secret_names: JSON.stringify(Object.keys(secrets).sort()),
  };
}

/** `secret-unreadable` if they do not open. */
export function openSecrets({ sealer }: ControlContext, row: { readonly id: string; readonly secrets: string }): ConnectionSecrets {
  const text = sealer.open(row.secrets, { table: 'connection', id: row.id, column: 'secrets' }).reveal();
  return ConnectionSecrets.parse(JSON.parse(text));
}

/** `invalid-argument` naming the field if a new one cannot be what it is meant to be. */
export function changeSecrets(before: ConnectionSecrets, changes: SecretChanges): ConnectionSecrets {
  const after = Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null && value !== undefined);
  const parsed = ConnectionSecrets.safeParse(Object.fromEntries(after));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw wrongField(['secrets', ...(issue?.path ?? [])].join('.'), issue?.message ?? 'It is not valid', 'Nothing was changed.');
}
