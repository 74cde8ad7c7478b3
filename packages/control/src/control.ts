import { account } from './api-token/account.ts';
import { backups } from './backup/backups.ts';
import { connections } from './connection/connections.ts';
import { notifications } from './notification-setting/notifications.ts';
import { overview } from './overview/overview.ts';
import { runs } from './runs/runs.ts';
import { snapshots } from './snapshot/snapshots.ts';
import { storageServers } from './storage-server/storage-servers.ts';

/** Every verb of the control plane by its noun, as the HTTP API names them: `control.backups.create(context, caller, input)`. */
export const control = { account, overview, backups, connections, storageServers, runs, snapshots, notifications } as const;
