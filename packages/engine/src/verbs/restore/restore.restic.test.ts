import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Secret } from '@holdfast/kernel';
import { LocalStorage } from '@holdfast/storage/local';
import { compareTrees, showDifferences } from '../../../../../test/support/compare-trees.ts';
import { needRestic } from '../../../../../test/support/restic.ts';
import { Repository } from '../../repository/repository.ts';
import { PatternList } from '../../selection/path-pattern.ts';
import { restore } from './restore.ts';
import type { OverwriteRule, RestoreOptions, RestoreReport } from './restore-options.ts';

/** Ways to restore, each with restic's flags for the same. */
const ways: readonly { readonly flags: readonly string[]; readonly options: Partial<RestoreOptions> }[] = [
  ...(['always', 'if-changed', 'if-newer', 'never'] as const satisfies readonly OverwriteRule[]).flatMap((overwrite) => [
    { flags: ['--overwrite', overwrite], options: { overwrite } },
    { flags: ['--overwrite', overwrite, '--delete'], options: { overwrite, delete: true } },
  ]),
  { flags: ['--include', '/dir/inner', '--delete'], options: { include: PatternList.parse(['/dir/inner']), delete: true } },
  { flags: ['--include', '*-file'], options: { include: PatternList.parse(['*-file']) } },
  {
    flags: ['--exclude', 'inner', '--exclude', '/same', '--delete'],
    options: { exclude: PatternList.parse(['inner', '/same']), delete: true },
  },
  { flags: ['--sparse'], options: { sparse: true } },
  { flags: ['--exclude-xattr', 'user.b*'], options: { excludeAttributes: ['user.b*'] } },
  { flags: ['--include-xattr', 'user.b*'], options: { includeAttributes: ['user.b*'] } },
  { flags: ['--ownership-by-name'], options: { ownershipByName: true } },
];

class Arena implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'holdfast-restore-'));
  readonly source = join(this.root, 'source');
  readonly repository = join(this.root, 'repository');
  readonly #restic: string;

  constructor(restic: string) {
    this.#restic = restic;
  }

  restic(...flags: readonly string[]): string {
    const arguments_ = ['-r', this.repository, '--no-cache', ...flags];
    return execFileSync(this.#restic, arguments_, { encoding: 'utf8', cwd: this.source, env: { ...process.env, RESTIC_PASSWORD: 'p' } });
  }

  async open(): Promise<Repository> {
    const repository = await Repository.open({ storage: new LocalStorage({ path: this.repository }), password: new Secret('p') });
    await repository.loadIndex();
    return repository;
  }

  [Symbol.dispose](): void {
    execFileSync('chmod', ['-R', 'u+rwx', this.root]);
    rmSync(this.root, { recursive: true });
  }
}

test('every way to restore leaves the same as with restic, whatever was there before', { timeout: 600_000 }, async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  using arena = new Arena(restic);
  const hasAttributes = makeSource(arena.source);
  arena.restic('init');
  arena.restic('backup', '-q', '.');
  await using repository = await arena.open();
  const [snapshot] = await repository.snapshots();
  const before = join(arena.root, 'before');
  makeMess(arena.source, before);
  for (const { flags, options } of ways) {
    if (!hasAttributes && flags.some((flag) => flag.includes('xattr'))) continue;
    await t.test(flags.join(' '), async () => {
      const [theirs, ours] = [join(arena.root, 'theirs'), join(arena.root, 'ours')];
      for (const copy of [theirs, ours]) {
        rmSync(copy, { recursive: true, force: true });
        execFileSync('cp', ['-a', before, copy]);
      }
      const output = arena.restic('restore', 'latest', '--json', '--target', theirs, ...flags);
      const report = await restore(repository, { tree: snapshot?.tree ?? '', target: ours, ...options });
      assert.deepEqual(problemsOf(report), []);
      assert.equal(showDifferences(compareTrees(Buffer.from(theirs), Buffer.from(ours))), '');
      assert.deepEqual(figuresOf(report), resticFigures(output));
    });
  }
});

test('into an empty place the source comes back, and a dry run and a second restore change nothing', async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  using arena = new Arena(restic);
  makeSource(arena.source);
  arena.restic('init');
  arena.restic('backup', '-q', '.');
  await using repository = await arena.open();
  const [snapshot] = await repository.snapshots();
  const target = join(arena.root, 'target');
  const options = { tree: snapshot?.tree ?? '', target };
  const dry = await restore(repository, { ...options, dryRun: true, delete: true });
  assert.throws(() => lstatSync(target));
  const first = await restore(repository, { ...options, verify: true });
  assert.deepEqual(problemsOf(first), []);
  assert.deepEqual(figuresOf(dry), figuresOf(first));
  assert.equal(first.filesVerified, first.filesToVerify);
  const same = (): void => assert.equal(showDifferences(compareTrees(Buffer.from(arena.source), Buffer.from(target))), '');
  same();
  const inodes = readdirSync(target).map((name) => lstatSync(join(target, name)).ino);
  await restore(repository, { ...options, overwrite: 'if-changed', delete: true });
  same();
  writeFileSync(join(target, 'unexpected'), '');
  const pretended = await restore(repository, { ...options, dryRun: true, delete: true });
  assert.equal(pretended.filesDeleted, 1);
  assert.ok(lstatSync(join(target, 'unexpected')).isFile());
  assert.equal(inodes.length + 1, readdirSync(target).length);
  const file = join(arena.root, 'one file');
  await restore(repository, { ...options, target: file, subpath: Buffer.from('/dir/inner/deep-file') });
  assert.deepEqual(readdirSync(file), ['deep-file']);
  const directory = join(arena.root, 'one directory');
  await restore(repository, { ...options, target: directory, subpath: Buffer.from('dir/inner') });
  assert.equal(showDifferences(compareTrees(Buffer.from(join(arena.source, 'dir/inner')), Buffer.from(directory))), '');
});

/** Returns whether there are extended attributes. */
function makeSource(root: string): boolean {
  mkdirSync(join(root, 'dir/inner'), { recursive: true });
  mkdirSync(join(root, 'empty'));
  const big = Buffer.alloc(3_000_000, 'something that compresses ');
  for (const [name, content] of [
    ['same', 'unchanged'],
    ['same-file', ''],
    ['longer', 'short'],
    ['shorter', 'a long text'],
    ['changed', 'right content'],
    ['touched', 'same content, other time'],
    ['gone-file', 'no longer there'],
    ['was-dir', 'now a directory is here'],
    ['was-link', 'now a link is here'],
    ['was-full-dir', 'a file'],
    ['dir/inner/deep-file', 'deep'],
    ['dir/inner/other', 'other'],
    ['hard', 'linked'],
    ['read-only', 'may not be written'],
  ] as const) {
    writeFileSync(join(root, name), content);
  }
  writeFileSync(join(root, 'big'), big);
  writeFileSync(join(root, 'zeros'), Buffer.alloc(2_000_000));
  truncateSync(join(root, 'zeros'), 4_000_000);
  appendFileSync(join(root, 'zeros'), 'end');
  linkSync(join(root, 'hard'), join(root, 'dir/hard-too'));
  symlinkSync('nowhere', join(root, 'link'));
  execFileSync('mkfifo', [join(root, 'fifo')]);
  chmodSync(join(root, 'read-only'), 0o400);
  chmodSync(join(root, 'dir'), 0o2755);
  let hasAttributes = true;
  try {
    execFileSync('setfattr', ['-n', 'user.base', '-v', 'one', join(root, 'same')], { stdio: 'ignore' });
    execFileSync('setfattr', ['-n', 'user.other', '-v', 'two', join(root, 'same')], { stdio: 'ignore' });
  } catch {
    hasAttributes = false; // not installed, or not supported here
  }
  const time = 1_600_000_000;
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }))
    if (!lstatSync(join(root, name)).isSymbolicLink()) utimesSync(join(root, name), time, time);
  return hasAttributes;
}

/** A place that holds much of the source, and much else. */
function makeMess(source: string, target: string): void {
  execFileSync('cp', ['-a', source, target]);
  const at = (name: string): string => join(target, name);
  writeFileSync(at('longer'), 'short, and then some more');
  writeFileSync(at('shorter'), 'a lo');
  writeFileSync(at('changed'), 'WRONG CONTENT');
  utimesSync(at('changed'), 1_600_000_000, 1_600_000_000);
  utimesSync(at('touched'), 1_500_000_000, 1_500_000_000);
  const big = Buffer.alloc(3_000_000, 'something that compresses ');
  big.write('but not this', 2_500_000);
  writeFileSync(at('big'), big);
  // names of a linked file: one that is there is made anew by us, so that nothing is written through it, and left alone by restic
  for (const name of ['gone-file', 'was-dir', 'was-link', 'link', 'hard', 'dir/hard-too']) unlinkSync(at(name));
  mkdirSync(at('was-dir'));
  symlinkSync('same', at('was-link'));
  writeFileSync(at('link'), 'a file where a link was');
  writeFileSync(at('unexpected'), '');
  mkdirSync(at('dir/inner/unexpected/tree'), { recursive: true });
  symlinkSync('/', at('dir/inner/unexpected/tree/root'));
  writeFileSync(at('dir/unexpected-file'), '');
  chmodSync(at('same'), 0o777);
}

function problemsOf(report: RestoreReport): string[] {
  return report.problems.map(({ path, error }) => `${path}: ${error.message}`);
}

/** Without the number of files to do, of which restic has more or fewer than it does when some are skipped or only walked through. */
function figuresOf(report: RestoreReport): Record<string, number> {
  const { filesRestored, filesSkipped, filesDeleted, totalBytes, bytesRestored, bytesSkipped } = report;
  return { filesRestored, filesSkipped, filesDeleted, totalBytes, bytesRestored, bytesSkipped };
}

function resticFigures(output: string): Record<string, number> {
  const summary = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Record<string, number | undefined>;
  const figure = (name: string): number => summary[name] ?? 0;
  return {
    filesRestored: figure('files_restored'),
    filesSkipped: figure('files_skipped'),
    filesDeleted: figure('files_deleted'),
    totalBytes: figure('total_bytes'),
    bytesRestored: figure('bytes_restored'),
    bytesSkipped: figure('bytes_skipped'),
  };
}
