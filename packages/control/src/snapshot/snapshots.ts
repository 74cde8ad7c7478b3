import { adoptSnapshots } from './adopt-snapshots.ts';
import { getSnapshot } from './get-snapshot.ts';
import { listSnapshots } from './list-snapshots.ts';
import { pinSnapshot } from './pin-snapshot.ts';

/** The verbs of the noun `snapshots`. */
export const snapshots = { list: listSnapshots, get: getSnapshot, pin: pinSnapshot, adopt: adoptSnapshots } as const;
