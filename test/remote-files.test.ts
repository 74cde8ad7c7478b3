import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LocalHost } from '@holdfast/connect/local';
import type { Host } from '@holdfast/connect/port';
import { CodedError, Secret } from '@holdfast/kernel';
import { FileSource, type ListedEntry } from '@holdfast/source/files';
import { FaultStorage, InstantClock, noFaults } from '@holdfast/storage/fault';
import { MemoryStorage } from '@holdfast/storage/memory';
import {
  type BackupOptions,
  type BackupReport,
  backup,
  check,
  everyPack,
  findSubfolder,
  Repository,
} from '../packages/engine/src/index.ts';
import { alteredHost, busyBoxFolder, busyBoxHost, cutAfter } from './support/far-hosts.ts';
import { farPlaces } from './support/far-places.ts';
import { makeTortureTree } from './support/torture-tree.ts';

const scrypt = { N: 16, r: 1, p: 1 };
const password = new Secret('far');

function newRepository(polynomial?: bigint, storage = new MemoryStorage()): Promise<Repository> {
  return Repository.init({ storage, password, scrypt, ...(polynomial === undefined ? {} : { polynomial }) });
}

function temporary(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-remote-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** A backup against the latest snapshot. */
async function run(repository: Repository, options: BackupOptions): Promise<BackupReport> {
  await using lock = await repository.lockAndLoadIndex({ exclusive: false });
  const parent = (await repository.snapshots()).toSorted((a, b) => (a.time < b.time ? -1 : 1)).at(-1);
  const report = await backup([{ repository, lock, parent }], { packSizeBytes: 1 << 20, ...options });
  assert.equal(report.destinations[0]?.error, undefined);
  return report;
}

/** The source with every file that was asked for noted. */
function noting(source: FileSource, asked: string[], between: () => void = () => undefined): NonNullable<BackupOptions['entries']> {
  return {
    list: (targets, options) => source.list(targets, options),
    findTagged: (targets, tag, options) => source.findTagged(targets, tag, options),
    read: (files: readonly ListedEntry[], options) => {
      asked.push(...files.map(({ path }) => Buffer.from(path).toString('latin1')));
      between();
      return source.read(files, options);
    },
  };
}

/** The ID that the tree of a directory has in a snapshot. What is above it changes while others work in the temporary directory. */
function treeAt(repository: Repository, { tree }: BackupReport, path: string): Promise<string> {
  return findSubfolder(repository, tree, { subfolder: Buffer.from(path.slice(1)) });
}

async function soundness(repository: Repository): Promise<void> {
  const fresh = await Repository.open({ storage: repository.storage, password });
  assert.deepEqual((await check(fresh, { selectPacks: everyPack })).errors, []);
}

for (const far of farPlaces) {
  test(`a tree read through a host with ${far.name} has the ID that the walker of this machine gives it`, {
    timeout: 600_000,
  }, async (t) => {
    const root = temporary(t);
    const host = await far.open(t, root);
    if (host === undefined) return;
    const source = join(root, 'source');
    await makeTortureTree(source, { sparseBytes: 5 << 20, wideEntries: 300 });
    // Of extended attributes and ACLs no listing tells.
    rmSync(join(source, 'attributes'), { recursive: true });
    const targets = [Buffer.from(source)];
    await using repository = await newRepository();
    const local = await run(repository, { targets });
    const entries = await FileSource.open(host);
    assert.equal(entries.tools?.packing, far.hasBusyBox ? 'busybox' : 'gnu');
    const remote = await run(repository, { targets, entries, force: true });
    assert.deepEqual(
      remote.problems.map(({ path, error }) => `${Buffer.from(path).toString('latin1')} ${error.message}`),
      [],
    );
    assert.equal(await treeAt(repository, remote, root), await treeAt(repository, local, root));
    const { filesNew, dirsNew, files, bytes } = local.counts;
    assert.deepEqual(remote.counts, { ...local.counts, filesNew, dirsNew, files, bytes });
    assert.equal(remote.destinations[0]?.dataBlobs, 0);
    const asked: string[] = [];
    const again = await run(repository, { targets, entries: noting(entries, asked) });
    assert.deepEqual(asked, []);
    assert.equal(await treeAt(repository, again, root), await treeAt(repository, local, root));
    assert.deepEqual([again.counts.filesUnmodified, again.counts.dirsNew], [local.counts.filesNew, 0]);
    assert.ok(again.counts.dirsUnmodified >= local.counts.dirsNew - root.split('/').length);
    await soundness(repository);
  });

  test(`only what is new or changed is fetched through a host with ${far.name}, and the counts are those of a local backup`, async (t) => {
    const root = temporary(t);
    const host = await far.open(t, root);
    if (host === undefined) return;
    const source = join(root, 'source');
    for (let d = 0; d < 8; d++) {
      mkdirSync(join(source, `d${d}`, 'below'), { recursive: true });
      for (let f = 0; f < 30; f++) writeFileSync(join(source, `d${d}`, 'below', `f${f}`), `${d} ${f}`.repeat(f));
    }
    const targets = [Buffer.from(source)];
    await using repository = await newRepository();
    const entries = await FileSource.open(host);
    const first = await run(repository, { targets, entries });
    assert.equal(first.counts.filesNew, 240);
    writeFileSync(join(source, 'd1', 'below', 'f3'), 'changed');
    writeFileSync(join(source, 'd2', 'below', 'odd\nname'), 'new');
    unlinkSync(join(source, 'd3', 'below', 'f4'));
    renameSync(join(source, 'd4', 'below', 'f5'), join(source, 'd4', 'below', 'renamed'));
    utimesSync(join(source, 'd5', 'below', 'f6'), 1, 1);
    const asked: string[] = [];
    const second = await run(repository, { targets, entries: noting(entries, asked) });
    const expected = ['d1/below/f3', 'd2/below/odd\nname', 'd4/below/renamed', 'd5/below/f6'].map((name) => join(source, name));
    assert.deepEqual(asked.sort(), expected.sort());
    assert.deepEqual(second.problems, []);
    await using other = await newRepository(repository.polynomial);
    const local = await run(other, { targets });
    assert.equal(await treeAt(repository, second, root), await treeAt(other, local, root));
    assert.deepEqual([second.counts.filesNew, second.counts.filesChanged, second.counts.filesUnmodified], [2, 2, 236]);
    await soundness(repository);
  });

  test(`files that vanish, change or are replaced while they are fetched with ${far.name} are items of the report`, async (t) => {
    const root = temporary(t);
    const host = await far.open(t, root);
    if (host === undefined) return;
    const source = join(root, 'source');
    mkdirSync(source);
    for (const name of ['stays', 'vanishes', 'grows', 'becomes a directory', 'odd\nvanishes']) writeFileSync(join(source, name), name);
    const entries = noting(await FileSource.open(host), [], () => {
      unlinkSync(join(source, 'vanishes'));
      unlinkSync(join(source, 'odd\nvanishes'));
      appendFileSync(join(source, 'grows'), ' and more');
      unlinkSync(join(source, 'becomes a directory'));
      mkdirSync(join(source, 'becomes a directory'));
      writeFileSync(join(source, 'becomes a directory', 'inner'), 'inner');
    });
    await using repository = await newRepository();
    const report = await run(repository, { targets: [Buffer.from(source)], entries });
    const problems = report.problems
      .map(
        ({ path, kind }) =>
          `${kind} ${Buffer.from(path)
            .toString()
            .slice(source.length + 1)}`,
      )
      .sort();
    const odd = far.hasBusyBox ? 'unreadable' : 'vanished';
    assert.deepEqual(problems, ['unreadable becomes a directory', 'changed grows', `${odd} odd\nvanishes`, 'vanished vanishes'].sort());
    assert.equal(report.counts.files, 2);
    await soundness(repository);
  });

  test(`a file that becomes shorter while ${far.name} read it costs no other file`, async (t) => {
    const root = temporary(t);
    const host = await far.open(t, root);
    if (host === undefined) return;
    const source = join(root, 'source');
    mkdirSync(source);
    for (const name of ['before', 'big', 'later', 'last'])
      writeFileSync(join(source, name), name === 'big' ? Buffer.alloc(64 << 20, 'x') : name);
    const shrinking = alteredHost(host, {
      stdout: async function* (bytes, { argv }) {
        for await (const piece of bytes) {
          // So much cannot be in the pipes: it stands in the middle of the file.
          if (argv[0] === 'tar' && argv[1] === '-c' && piece.byteLength > 1000) truncateSync(join(source, 'big'), 100_000);
          yield piece;
        }
      },
    });
    await using repository = await newRepository();
    const report = await run(repository, { targets: [Buffer.from(source)], entries: await FileSource.open(shrinking) });
    const kind = far.hasBusyBox ? 'unreadable' : 'changed';
    assert.deepEqual(
      report.problems.map(({ path, kind: is }) => `${is} ${Buffer.from(path)}`),
      [`${kind} ${join(source, 'big')}`],
    );
    assert.equal(report.counts.files, far.hasBusyBox ? 3 : 4);
    await soundness(repository);
  });

  test(`a listing or a stream of ${far.name} that is cut short fails the run, and no snapshot is made`, async (t) => {
    const root = temporary(t);
    const host = await far.open(t, root);
    if (host === undefined) return;
    const source = join(root, 'source');
    mkdirSync(source);
    for (let i = 0; i < 40; i++) writeFileSync(join(source, `f${i}`), `${i} `.repeat(200));
    await using repository = await newRepository();
    const { tools } = await FileSource.open(host);
    const isListing = (argv: readonly unknown[]): boolean => argv[0] === 'sh';
    assert.ok(tools?.gzip);
    const cases = [
      { what: 'listing', gzip: true, kept: [0, 1, 15, 300] },
      { what: 'listing', gzip: false, kept: [0, 1, 700, 5_000] },
      { what: 'stream', gzip: true, kept: [0, 1, 700, 5_000] },
    ];
    for (const { what, gzip, kept } of cases) {
      for (const keptBytes of kept) {
        const cutting = alteredHost(host, {
          stdout: (bytes, { argv }) =>
            isListing(argv) === (what === 'listing') && argv[1] !== '--version' ? cutAfter(bytes, keptBytes) : bytes,
        });
        const whole = await FileSource.open(host);
        const cut = FileSource.using(cutting, { ...tools, gzip });
        const entries = what === 'listing' ? { ...parts(whole), list: parts(cut).list } : { ...parts(whole), read: parts(cut).read };
        await assert.rejects(
          run(repository, { targets: [Buffer.from(source)], entries }),
          (error) => CodedError.is(error, 'source-incomplete'),
          `${what} ${gzip} ${keptBytes}`,
        );
      }
    }
    assert.deepEqual(await repository.snapshots(), []);
  });
}

/** The verbs of a source, to be exchanged. */
function parts(source: FileSource): NonNullable<BackupOptions['entries']> {
  return {
    list: (targets, options) => source.list(targets, options),
    read: (files, options) =>
      source.read(
        files.map((file) => ({ ...file, sizeBytes: file.sizeBytes ?? 0 })),
        options,
      ),
    findTagged: (targets, tag, options) => source.findTagged(targets, tag, options),
  };
}

test('a directory or file that may not be read is an item of the report, and the run is incomplete', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root, to be somebody else');
  const root = temporary(t);
  chmodSync(root, 0o755);
  const source = join(root, 'source');
  mkdirSync(join(source, 'locked'), { recursive: true });
  writeFileSync(join(source, 'locked', 'inside'), 'x');
  writeFileSync(join(source, 'secret: file'), 'x');
  writeFileSync(join(source, 'open'), 'x');
  chmodSync(join(source, 'locked'), 0o700);
  chmodSync(join(source, 'secret: file'), 0o600);
  const hosts: Host[] = [alteredHost(new LocalHost(), { command: (command) => ({ ...command, user: 'nobody' }) })];
  const folder = busyBoxFolder(t, root);
  if (folder !== undefined) hosts.push(busyBoxHost(folder, 'nobody'));
  for (const nobody of hosts) {
    await using repository = await newRepository();
    const report = await run(repository, { targets: [Buffer.from(source)], entries: await FileSource.open(nobody) });
    const problems = report.problems.map(
      ({ path, kind }) =>
        `${kind} ${Buffer.from(path)
          .toString()
          .slice(source.length + 1)}`,
    );
    assert.deepEqual(problems.sort(), ['unreadable locked', 'unreadable secret: file']);
    assert.ok(report.incomplete);
    assert.equal(report.counts.files, 1);
  }
});

test('a target that is missing is an item, none at all is an error, and what leads to a target is stored with it', async (t) => {
  const root = temporary(t);
  await using host = new LocalHost();
  const source = join(root, 'a', 'b');
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, 'file'), 'x');
  mkdirSync(join(root, 'a.c'));
  writeFileSync(join(root, 'a.c', 'other'), 'y');
  symlinkSync('a', join(root, 'link'));
  const entries = await FileSource.open(host);
  const at = (...names: readonly string[]): Buffer => Buffer.from(join(root, ...names));
  await using repository = await newRepository();
  const targets = [at('missing'), at('a', 'b'), at('a.c', 'other'), at('a', 'b', 'file'), at('link', 'b')];
  const report = await run(repository, { targets, entries });
  const problems = report.problems.map(
    ({ path, kind }) =>
      `${kind} ${Buffer.from(path)
        .toString()
        .slice(root.length + 1)}`,
  );
  assert.deepEqual(problems.sort(), ['unreadable link/b', 'unreadable missing']);
  await using other = await newRepository(repository.polynomial);
  const local = await run(other, { targets: [at('a', 'b'), at('a.c', 'other')] });
  assert.equal(await treeAt(repository, report, root), await treeAt(other, local, root));
  const nothing = run(repository, { targets: [at('missing')], entries });
  await assert.rejects(nothing, (error) => CodedError.is(error, 'path-not-found'));
  await assert.rejects(run(repository, { targets: [Buffer.from('relative')], entries }), (error) =>
    CodedError.is(error, 'invalid-argument'),
  );
});

for (const far of farPlaces) {
  test(`patterns, sizes and caches leave out through ${far.name} what they leave out here`, async (t) => {
    const root = temporary(t);
    const host = await far.open(t, root);
    if (host === undefined) return;
    const source = join(root, 'source');
    for (const directory of ['kept', 'node_modules/deep', 'cache/deep', 'no cache', 'marked'])
      mkdirSync(join(source, directory), { recursive: true });
    for (const file of [
      'kept/a.txt',
      'kept/b.log',
      'node_modules/deep/x',
      'cache/deep/y',
      'cache/z',
      'no cache/w',
      'marked/v',
      'kept/large',
    ]) {
      writeFileSync(join(source, file), file === 'kept/large' ? 'x'.repeat(5000) : file);
    }
    writeFileSync(join(source, 'cache', 'CACHEDIR.TAG'), 'Signature: 8a477f597d28d172789f06886806bc55\nmore\n');
    writeFileSync(join(source, 'no cache', 'CACHEDIR.TAG'), 'Signature: of something else');
    writeFileSync(join(source, 'marked', '.no[b]ackup'), '');
    const exclusions = { patterns: ['node_modules', '*.log'], caches: true, ifPresent: ['.no[b]ackup'], largerThanBytes: 4000 };
    const targets = [Buffer.from(source)];
    await using repository = await newRepository();
    const local = await run(repository, { targets, exclusions });
    const remote = await run(repository, { targets, exclusions, entries: await FileSource.open(host), force: true });
    assert.deepEqual(remote.problems, []);
    assert.equal(await treeAt(repository, remote, root), await treeAt(repository, local, root));
  });
}

test('of another file system only the mount point is kept, empty, as it is here', async (t) => {
  const root = temporary(t);
  const source = join(root, 'source');
  mkdirSync(join(source, 'mounted'), { recursive: true });
  writeFileSync(join(source, 'file'), 'x');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', join(source, 'mounted')], { stdio: 'ignore' });
  } catch (error) {
    if (process.env['CI'] === 'true') throw error;
    return t.skip('needs to mount a tmpfs');
  }
  try {
    mkdirSync(join(source, 'mounted', 'inner'));
    writeFileSync(join(source, 'mounted', 'inner', 'file'), 'y');
    const targets = [Buffer.from(source)];
    await using repository = await newRepository();
    const local = await run(repository, { targets, oneFileSystem: true });
    for (const far of farPlaces.slice(0, 2)) {
      const place = join(root, far.name);
      mkdirSync(place);
      const host = await far.open(t, place);
      if (host === undefined) continue;
      const remote = await run(repository, { targets, oneFileSystem: true, force: true, entries: await FileSource.open(host) });
      assert.equal(await treeAt(repository, remote, source), await treeAt(repository, local, source));
      assert.equal(remote.counts.files, 1);
    }
  } finally {
    execFileSync('umount', [join(source, 'mounted')]);
  }
});

test('one listing and one stream feed several destinations, and one that fails does not stop the others', async (t) => {
  const root = temporary(t);
  await using host = new LocalHost();
  for (let i = 0; i < 20; i++) writeFileSync(join(root, `f${i}`), `${i}`.repeat(30_000 + i));
  const bad = new FaultStorage(new MemoryStorage(), noFaults, new InstantClock());
  const first = await Repository.init({ storage: bad, password, scrypt });
  const second = await newRepository(first.polynomial);
  const denied = new CodedError({ code: 'storage-denied', message: 'as planned' });
  bad.plan = (call) => (call.operation === 'save' && call.type === 'data' ? { kind: 'fail', error: denied } : undefined);
  const asked: string[] = [];
  const entries = noting(await FileSource.open(host), asked);
  const report = await backup(
    [first, second].map((repository) => ({ repository, parent: undefined })),
    { targets: [Buffer.from(root)], entries, packSizeBytes: 1 << 20 },
  );
  assert.equal(report.destinations[0]?.error?.code, 'storage-denied');
  assert.notEqual(report.destinations[1]?.snapshot, undefined);
  assert.equal(asked.length, 20);
  await soundness(second);
});
