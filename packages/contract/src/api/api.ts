import { account } from './account.ts';
import { backups } from './backups.ts';
import { connections } from './connections.ts';
import { notifications } from './notifications.ts';
import { overview } from './overview.ts';
import { runs } from './runs.ts';
import { snapshots } from './snapshots.ts';
import { storageServers } from './storage-servers.ts';

/** Where the API is below the server's address. */
export const apiPath = '/api/v1';

/** Every route of the HTTP API. The server implements it, the web page and the command line are its clients. */
export const api = { account, overview, backups, connections, storageServers, runs, snapshots, notifications };
