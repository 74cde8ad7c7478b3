import type { PushPlan, PushReport } from '@holdfast/contract';
import { dump, pathBytes, type TreeNode } from '@holdfast/engine';
import { CodedError } from '@holdfast/kernel';
import type { RestoreEntry } from '@holdfast/source/port';
import { placeOfDumps } from '../source/place-of-dumps.ts';
import { findNode } from '../vault/find-node.ts';
import { loadSnapshot } from '../vault/load-snapshot.ts';
import { type LockedVault, openLocked } from './locked-vault.ts';
import type { PlanRun } from './plan-run.ts';

/** Puts the dumps of a snapshot back into a server. */
export const pushRun: PlanRun<PushPlan, PushReport> = {
  begin: (_plan, start) => ({ kind: 'push', ...start, target: '', restored: [], notes: [], ended: false }),

  execute: async (plan, report, context) => {
    const { teller, clock, random } = context;
    const { source } = plan;
    if (source.driver === 'files' || source.driver === 'docker-volume') throw filesAreNoDumps();
    teller.advance({ step: 'Opening the storage server' });
    await using vault = await openLocked(plan.repository, context, { exclusive: false, index: true });
    const { tree, time } = await loadSnapshot(vault.repository, plan.snapshotId, vault.signal);
    teller.log('info', `Opened ${vault.name}; restoring snapshot ${plan.snapshotId.slice(0, 8)} of ${time.slice(0, 19).replace('T', ' ')}`);
    const { tree: folder } = await findNode(vault.repository, tree, placeOfDumps(source), vault.signal);
    if (folder === undefined) throw filesAreNoDumps();
    teller.advance({ step: 'Connecting to the server' });
    const [{ openLinks }, { makeDriver }] = await Promise.all([import('../chain/open-links.ts'), import('../source/make-driver.ts')]);
    await using host = await openLinks(plan.chain, { signal: vault.signal });
    report.target = `${source.driver} on ${host.description}`;
    teller.log('info', `Reached ${host.description}`);
    const driver = makeDriver(source, plan.sourcePassword, { clock, random });
    let bytesDone = 0;
    const onBytes = (count: number): void => {
      bytesDone += count;
      teller.advance({ step: 'Restoring', bytesDone });
    };
    const entries = storedEntries(vault, { tree, folder, path: placeOfDumps(source), onBytes });
    const { restored, notes } = await driver.push(host, entries, { rename: plan.rename, existing: plan.existing, signal: vault.signal });
    report.restored = restored.map(({ path, as }) => ({ path, as }));
    report.notes = [...notes];
    for (const { path, as } of restored) teller.log('info', `Restored ${path} as ${as}`);
    for (const note of notes) teller.log('warning', note);
    report.ended = true;
  },
};

interface Stored {
  readonly tree: string;
  /** ID of the tree of the directory at `path`. */
  readonly folder: string;
  readonly path: string;
  readonly onBytes: (count: number) => void;
}

/** The files below a directory of a snapshot, named from it on. */
async function* storedEntries(vault: LockedVault, stored: Stored, below = ''): AsyncGenerator<RestoreEntry> {
  const { repository, signal } = vault;
  for (const node of await repository.loadTree(stored.folder, { signal })) {
    const path = `${below}${Buffer.from(node.name).toString()}`;
    if (node.type === 'dir' && node.subtree !== undefined) {
      yield* storedEntries(vault, { ...stored, folder: node.subtree }, `${path}/`);
    } else if (node.type === 'file') {
      yield { path, metadata: metadataOf(node), open: () => content(vault, stored, path) };
    }
  }
}

async function* content({ repository, signal }: LockedVault, { tree, path, onBytes }: Stored, name: string): AsyncGenerator<Uint8Array> {
  const file = await dump(repository, { tree, path: pathBytes(`${path}/${name}`), signal });
  for await (const bytes of file.content) {
    yield bytes;
    onBytes(bytes.byteLength);
  }
}

function metadataOf(node: TreeNode): RestoreEntry['metadata'] {
  return {
    type: 'file',
    permissions: 0o600,
    uid: node.uid,
    gid: node.gid,
    user: node.user,
    group: node.group,
    sizeBytes: node.sizeBytes,
    mtimeNs: node.mtimeNs,
    ctimeNs: node.ctimeNs,
    inode: node.inode,
    deviceId: node.deviceId,
    links: 1,
    linkTarget: undefined,
    device: 0n,
  };
}

function filesAreNoDumps(): CodedError {
  return new CodedError({
    code: 'invalid-argument',
    message: 'The snapshot holds files, not dumps of a server',
    hint: 'Restore it to a directory.',
  });
}
