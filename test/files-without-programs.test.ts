import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LocalHost } from '@holdfast/connect/local';
import { openChain } from '@holdfast/connect/open-chain';
import type { Host } from '@holdfast/connect/port';
import { CodedError, Secret } from '@holdfast/kernel';
import { FileSource, type ListedEntry, type ListedItem } from '@holdfast/source/files';
import { MemoryStorage } from '@holdfast/storage/memory';
import { type BackupOptions, type BackupReport, backup, Repository, walkSnapshot } from '../packages/engine/src/index.ts';
import { type DockerEngine, startDockerd, whyNoDocker } from './services/dockerd.ts';
import { SshServer, whyNoSshd } from './services/sshd.ts';
import { openContainer } from './support/docker-chain.ts';
import { FastRandom } from './support/fast-random.ts';
import { connectorTo } from './support/ssh-chain.ts';

const scrypt = { N: 16, r: 1, p: 1 };
const password = new Secret('far');

function newRepository(polynomial?: bigint): Promise<Repository> {
  return Repository.init({ storage: new MemoryStorage(), password, scrypt, ...(polynomial === undefined ? {} : { polynomial }) });
}

async function run(repository: Repository, options: BackupOptions): Promise<BackupReport> {
  await using lock = await repository.lockAndLoadIndex({ exclusive: false });
  const parent = (await repository.snapshots()).toSorted((a, b) => (a.time < b.time ? -1 : 1)).at(-1);
  const report = await backup([{ repository, lock, parent }], options);
  assert.equal(report.destinations[0]?.error, undefined);
  return report;
}

function temporary(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-bare-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** A tree with what these ways have to cope with. */
function makeTree(root: string): void {
  for (let d = 0; d < 12; d++) {
    mkdirSync(join(root, `d${d}`, 'below'), { recursive: true });
    for (let f = 0; f < 30; f++) writeFileSync(join(root, `d${d}`, 'below', `f${f}`), `${d} ${f} `.repeat(f * d));
  }
  writeFileSync(join(root, 'large'), new FastRandom(3).bytes(5_000_001));
  writeFileSync(join(root, 'exactly'), new FastRandom(4).bytes(32_768));
  writeFileSync(Buffer.concat([Buffer.from(root), Buffer.from('/odd \xff\n', 'latin1')]), 'odd');
  writeFileSync(join(root, 'empty'), '');
  mkdirSync(join(root, 'nothing in it'));
  symlinkSync('large', join(root, 'link'));
  symlinkSync('/no/such', join(root, 'd1', 'dangling'));
  chmodSync(join(root, 'd2'), 0o2750);
  chmodSync(join(root, 'exactly'), 0o4711);
  utimesSync(join(root, 'empty'), 1, 1_234_567_890);
}

/** All that these ways tell of the entries below a path. */
async function entriesOf(repository: Repository, { tree }: BackupReport, below: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const { path, node } of walkSnapshot(repository, tree)) {
    const name = Buffer.from(path).toString('latin1').replace(/^\/?/, '/');
    if (!name.startsWith(`${below}/`)) continue;
    const seconds = node.mtimeNs / 1_000_000_000n;
    const target = node.linkTarget === undefined ? '' : Buffer.from(node.linkTarget).toString('latin1');
    lines.push(
      `${name.slice(below.length)} ${node.type} ${node.mode} ${node.uid} ${node.gid} ${node.sizeBytes} ${seconds} ${target} ${node.content?.join(',')}`,
    );
  }
  return lines.sort();
}

/** The source with every file that was asked for noted. */
function noting(source: FileSource, asked: string[]): NonNullable<BackupOptions['entries']> {
  return {
    list: (targets, options) => source.list(targets, options),
    findTagged: (targets, tag, options) => source.findTagged(targets, tag, options),
    read: (files: readonly ListedEntry[], options) => {
      asked.push(...files.map(({ path }) => Buffer.from(path).toString('latin1')));
      return source.read(
        files.map((file) => ({ ...file, sizeBytes: file.sizeBytes ?? 0 })),
        options,
      );
    },
  };
}

/** Backs the tree up twice, with changes between, and compares with what a backup of this machine makes of it. `at`: where the host has it. */
async function readsLikeHere(source: FileSource, tree: string, at: string): Promise<void> {
  makeTree(tree);
  await using repository = await newRepository();
  const [targets, here] = [[Buffer.from(at)], [Buffer.from(tree)]];
  const asked: string[] = [];
  for (const round of ['first', 'second', 'third'] as const) {
    if (round === 'second') {
      writeFileSync(join(tree, 'd3', 'below', 'f4'), 'changed');
      writeFileSync(join(tree, 'd3', 'below', 'new'), 'new');
      unlinkSync(join(tree, 'd4', 'below', 'f4'));
    }
    asked.length = 0;
    const far = await run(repository, { targets, entries: noting(source, asked) });
    assert.deepEqual(far.problems, []);
    await using other = await newRepository(repository.polynomial);
    const local = await run(other, { targets: here });
    assert.deepEqual(await entriesOf(repository, far, at), await entriesOf(other, local, tree));
    assert.equal(far.counts.files, local.counts.files);
    const names = asked.map((path) => path.slice(at.length + 1)).sort();
    if (round === 'second') assert.deepEqual(names, ['d3/below/f4', 'd3/below/new']);
    if (round === 'third') assert.deepEqual(names, []);
  }
}

async function all(items: AsyncIterable<ListedItem>): Promise<string[]> {
  const lines: string[] = [];
  for await (const item of items) {
    const { path } = item.kind === 'entry' ? item.entry : item.problem;
    lines.push(`${item.kind === 'entry' ? item.entry.type : item.problem.kind} ${Buffer.from(path)}`);
  }
  return lines;
}

/** A host that has nothing but SFTP. */
async function sftpHost(t: TestContext): Promise<{ readonly host: Host; readonly server: SshServer } | undefined> {
  const reason = whyNoSshd();
  if (reason !== undefined) {
    t.skip(reason);
    return undefined;
  }
  const server = await SshServer.start({ settings: ['Subsystem sftp internal-sftp', 'ForceCommand internal-sftp'] });
  t.after(() => server[Symbol.asyncDispose]());
  const host = await openChain(new LocalHost(), [connectorTo(server)]);
  t.after(() => host[Symbol.asyncDispose]());
  return { host, server };
}

test('a host that has nothing but SFTP is backed up by it, and only what changed is read again', { timeout: 600_000 }, async (t) => {
  const root = temporary(t);
  const far = await sftpHost(t);
  if (far === undefined) return;
  const source = await FileSource.open(far.host, { firstCommandMs: 3_000 });
  assert.equal(source.way, 'sftp');
  assert.ok(source.missingMetadata.includes('nanoseconds') && source.missingMetadata.includes('hard-links'));
  await readsLikeHere(source, join(root, 'tree'), join(root, 'tree'));
});

test('by SFTP a missing target is a problem, a file system can be kept to, and caches are found', async (t) => {
  const root = temporary(t);
  const far = await sftpHost(t);
  if (far === undefined) return;
  const source = await FileSource.open(far.host, { firstCommandMs: 3_000 });
  mkdirSync(join(root, 'cache', 'deep'), { recursive: true });
  writeFileSync(join(root, 'cache', 'TAG'), 'Signature: and more');
  writeFileSync(join(root, 'TAG'), 'another');
  const targets = [Buffer.from(root), Buffer.from('/no/such')];
  const listed = await all(source.list(targets, { oneFileSystem: true }));
  assert.deepEqual(
    listed.sort(),
    [
      `dir ${tmpdir()}`,
      `dir ${root}`,
      `dir ${join(root, 'cache')}`,
      `dir ${join(root, 'cache', 'deep')}`,
      `file ${join(root, 'TAG')}`,
      `file ${join(root, 'cache', 'TAG')}`,
      'vanished /no',
      'vanished /no/such',
    ].sort(),
  );
  const tagged = await Array.fromAsync(
    source.findTagged([Buffer.from(root)], { name: Buffer.from('TAG'), header: Buffer.from('Signature') }, { oneFileSystem: false }),
  );
  assert.deepEqual(
    tagged.map((path) => Buffer.from(path).toString()),
    [join(root, 'cache')],
  );
  const devices = await all(source.list([Buffer.from('/dev')], { oneFileSystem: true }));
  assert.ok(devices.includes('dir /dev/pts'));
  assert.ok(!devices.some((line) => line.includes(' /dev/pts/')));
});

test('a session of SFTP that breaks fails the run', async (t) => {
  const root = temporary(t);
  const far = await sftpHost(t);
  if (far === undefined) return;
  makeTree(join(root, 'tree'));
  const source = await FileSource.open(far.host, { firstCommandMs: 3_000 });
  await using repository = await newRepository();
  const entries: NonNullable<BackupOptions['entries']> = {
    ...noting(source, []),
    read: async function* (files, options) {
      for await (const item of source.read(
        files.map((file) => ({ ...file, sizeBytes: file.sizeBytes ?? 0 })),
        options,
      )) {
        for (const pid of far.server.connections()) process.kill(pid, 'SIGKILL');
        yield item;
      }
    },
  };
  await assert.rejects(run(repository, { targets: [Buffer.from(root)], entries }), (error) => CodedError.is(error, 'connection-lost'));
  assert.deepEqual(await repository.snapshots(), []);
});

test('a stopped container, and one without a shell, are backed up by their engine', { timeout: 600_000 }, async (t) => {
  const reason = whyNoDocker();
  if (reason !== undefined) return t.skip(reason);
  const root = temporary(t);
  const engine: DockerEngine = await startDockerd();
  t.after(() => engine[Symbol.asyncDispose]());
  for (const [name, image] of [
    ['stopped', 'busybox'],
    ['bare', 'static'],
  ] as const) {
    const tree = join(root, name);
    mkdirSync(tree);
    engine.run(name, ['--volume', `${tree}:/data/tree`], image === 'static' ? ['/sleep', '100000'] : undefined, image);
    if (name === 'stopped') engine.docker(['kill', name]);
    await using host = await openContainer(engine, { name });
    const source = await FileSource.open(host);
    assert.equal(source.way, 'archive');
    await readsLikeHere(source, tree, '/data/tree');
    assert.deepEqual(await all(source.list([Buffer.from('/data/no')], { oneFileSystem: false })), ['dir /data', 'vanished /data/no']);
    await assert.rejects(all(source.list([Buffer.from('/data')], { oneFileSystem: true })), (error) =>
      CodedError.is(error, 'tool-missing'),
    );
  }
});
