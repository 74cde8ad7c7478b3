import type { ApiToken } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import type { Identity } from '../sign-in/identity.ts';

/** `open`: to everybody. `person`: only in a session, so that a stolen token cannot make itself at home. */
type Need = 'open' | 'person' | ApiToken['scope'];

/** The routes that need something else than usual: `read` for a GET, `admin` for everything that changes something. */
const needs: Readonly<Record<string, Need>> = {
  'account.setupState': 'open',
  'account.setUp': 'open',
  'account.signIn': 'open',
  'account.signOut': 'person',
  'account.updateMe': 'person',
  'account.changePassword': 'person',
  'account.listTokens': 'person',
  'account.createToken': 'person',
  'account.deleteToken': 'person',
  'overview.audit': 'admin',
  'overview.directory': 'admin',
  'backups.run': 'operate',
  'backups.setPaused': 'operate',
  'backups.previewRetention': 'read',
  'backups.previewSchedule': 'read',
  'runs.cancel': 'operate',
  'runs.startMaintenance': 'operate',
  'runs.startRestore': 'operate',
  'storageServers.proposal': 'admin',
  'storageServers.refresh': 'operate',
  'snapshots.downloadLink': 'operate',
  'snapshots.pin': 'operate',
};

const ranks: Readonly<Record<ApiToken['scope'], number>> = { read: 0, operate: 1, admin: 2 };

/** What it takes to call a route. Whatever is not named is closed to all but administrators. */
export function needOf(path: readonly string[], method: string): Need {
  return needs[path.join('.')] ?? (method === 'GET' ? 'read' : 'admin');
}

/** Throws `unauthenticated` or `forbidden` unless they may. */
export function mustBeAllowed(need: Need, identity: Identity | undefined): void {
  if (need === 'open') return;
  if (identity === undefined) throw new CodedError({ code: 'unauthenticated', message: 'Sign in first' });
  if (identity.kind === 'session') return;
  if (need === 'person') {
    throw new CodedError({
      code: 'forbidden',
      message: 'An API token may not do that',
      hint: 'Passwords, names and tokens are changed on the web page.',
    });
  }
  if (ranks[identity.scope] < ranks[need]) {
    throw new CodedError({ code: 'forbidden', message: `The API token has the scope ${identity.scope}; this needs ${need}` });
  }
}
