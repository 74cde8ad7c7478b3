import type { ConnectionOptions, ConnectionSecrets, SecretName } from '@holdfast/contract';

/** Undefined or empty: it stays as it is. Null: it is taken away. */
export type SecretDraft = Partial<Record<SecretName, string | null | undefined>>;

/** A connection while a person changes it. */
export interface ConnectionDraft {
  readonly name: string;
  readonly options: ConnectionOptions;
  readonly secrets: SecretDraft;
}

/** What a new connection of that kind begins as. */
export function newOptions(kind: ConnectionOptions['kind']): ConnectionOptions {
  return kind === 'ssh'
    ? { kind, host: '', port: 22, user: '', hostKeys: [], certificate: null, agentSocket: null }
    : { kind, container: { by: 'name', name: '' }, program: 'docker', engine: { at: 'default' } };
}

/** As the server shall get it: without spaces around names, and without keys that nobody filled in. */
export function cleanOptions(options: ConnectionOptions): ConnectionOptions {
  if (options.kind === 'docker') return options;
  const hostKeys = options.hostKeys.map((key) => key.trim().split(/\s+/).slice(0, 2).join(' ')).filter((key) => key !== '');
  return { ...options, host: options.host.trim(), user: options.user.trim(), hostKeys };
}

/** The secrets that change. */
export function secretChanges(draft: SecretDraft): Partial<Record<SecretName, string | null>> {
  const changed = Object.entries(draft).filter((entry): entry is [string, string | null] => entry[1] !== undefined && entry[1] !== '');
  return Object.fromEntries(changed);
}

/** The secrets of a connection that is new. */
export function newSecrets(draft: SecretDraft): ConnectionSecrets {
  return Object.fromEntries(Object.entries(secretChanges(draft)).filter((entry): entry is [string, string] => entry[1] !== null));
}

/** With one more pinned key, or with that one in place of all others. */
export function withPin(options: ConnectionOptions, key: string, isReplaced: boolean): ConnectionOptions {
  if (options.kind !== 'ssh') return options;
  return { ...options, hostKeys: isReplaced ? [key] : [...options.hostKeys, key] };
}
