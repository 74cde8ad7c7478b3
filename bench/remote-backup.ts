/**
 * One backup of files through one hop of SSH, as a process of its own so that its start is measured too. Told by the environment what to do
 * (`BENCH_REMOTE`, the JSON of `RemoteBackup`), says on standard output what came of it (the JSON of `RemoteBackupResult`).
 */
import { LocalHost } from '@holdfast/connect/local';
import { openChain } from '@holdfast/connect/open-chain';
import { Secret } from '@holdfast/kernel';
import { FileSource } from '@holdfast/source/files';
import { LocalStorage } from '@holdfast/storage/local';
import { Repository } from '../packages/engine/src/repository/index.ts';
import { BackupWorkers, backup } from '../packages/engine/src/verbs/backup/index.ts';
import { connectorTo } from '../test/support/ssh-chain.ts';
import { type KnownServer, wireBytes } from './loopback-sshd.ts';

export interface RemoteBackup {
  readonly server: KnownServer;
  readonly repository: string;
  readonly password: string;
  readonly source: string;
}

export interface RemoteBackupResult {
  readonly tree: string;
  readonly filesFetched: number;
  readonly problems: number;
  /** Bytes of the TCP connection, to the host and from it. */
  readonly up: number;
  readonly down: number;
}

const { server, repository: path, password, source } = JSON.parse(process.env['BENCH_REMOTE'] ?? '') as RemoteBackup;
await using workers = new BackupWorkers();
const [host, repository] = await Promise.all([
  openChain(new LocalHost(), [connectorTo(server)]),
  Repository.open({ storage: new LocalStorage({ path }), password: new Secret(password), scryptThreads: workers }),
]);
await using _open = host;
const [entries, lock] = await Promise.all([FileSource.open(host), repository.lockAndLoadIndex({ exclusive: false })]);
await using _held = lock;
const parent = (await repository.snapshots()).toSorted((a, b) => (a.time < b.time ? -1 : 1)).at(-1);
const report = await backup([{ repository, lock, parent }], { targets: [Buffer.from(source)], entries, workers });
const { counts, tree, problems, destinations } = report;
for (const { error } of destinations) if (error !== undefined) throw error;
const result: RemoteBackupResult = {
  tree,
  filesFetched: counts.filesNew + counts.filesChanged,
  problems: problems.length,
  ...wireBytes(server.port),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
