import { account } from './account.ts';
import { backups } from './backups.ts';
import { routes } from './base.ts';
import { connections } from './connections.ts';
import { notifications } from './notifications.ts';
import { overview } from './overview.ts';
import { runs } from './runs.ts';
import { snapshots } from './snapshots.ts';
import { storageServers } from './storage-servers.ts';

/** Every route of the contract, implemented: a missing one does not compile. */
export const router = routes.router({ account, overview, backups, connections, storageServers, runs, snapshots, notifications });
