import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { changeOnePercent, type DataSetName, makeDataSet } from './data-sets.ts';
import { indexBytesPerBlob } from './index-memory.ts';
import { type Measurement, measure } from './measure.ts';
import { type Row, renderTable } from './table.ts';
import { borg, folder, holdfast, holdfastFanOut, restic, type Tool, tarZstd } from './tools.ts';

const { values } = parseArgs({
  options: {
    restic: { type: 'string' },
    borg: { type: 'string' },
    pairs: { type: 'string', default: '5' },
    /** Rounds in which borg and tar take part, too. */
    others: { type: 'string', default: '3' },
    scale: { type: 'string', default: '1' },
    rows: { type: 'string', default: '' },
    work: { type: 'string', default: join(tmpdir(), 'holdfast-bench') },
    cache: { type: 'string', default: process.getuid?.() === 0 ? 'cold' : 'as it is' },
    out: { type: 'string', default: '' },
    'index-blobs': { type: 'string', default: '5000000' },
  },
});
const pairs = Number(values.pairs);
const scale = Number(values.scale);
const work = folder(values.work);
const sources = folder(join(work, 'sources'));
const wanted = values.rows === '' ? undefined : values.rows.split(',');

const peerUnderCache = new URL('../.cache/peers/restic/usr/bin/restic', import.meta.url).pathname;
const resticPath = values.restic ?? (existsSync(peerUnderCache) ? peerUnderCache : onPath('restic'));
if (resticPath === undefined) throw new Error('No restic found: give one with --restic PATH, or install it.');
const borgPath = values.borg === 'none' ? undefined : (values.borg ?? onPath('borg'));
const ours = holdfast();
const theirs = restic(resticPath, folder(join(work, 'restic-cache')));
const others: readonly Tool[] = [...(borgPath === undefined ? [] : [borg(borgPath, folder(join(work, 'borg-base')))]), tarZstd()];

const rows: Row[] = [];
const repository = (tool: Tool, name = 'repository'): string => join(work, `${tool.name.replaceAll(/\W+/g, '-')}-${name}`);

function onPath(program: string): string | undefined {
  const found = spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
  return found === '' ? undefined : found;
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

function sizeMebibytes(path: string): number {
  return Number(execFileSync('du', ['-sm', '--apparent-size', path], { encoding: 'utf8' }).split('\t')[0]);
}

/** What is to be backed up, or read back, is on the disk and not in memory when a run begins, as a night later it would be. */
const isCold = values.cache === 'cold';

function run(tool: Tool, argv: readonly string[]): Measurement {
  execFileSync('sync');
  if (isCold) writeFileSync('/proc/sys/vm/drop_caches', '3');
  return measure(argv, tool.env);
}

function freshRepository(tool: Tool, name?: string): string {
  const path = repository(tool, name);
  remove(path);
  measure(tool.init(path), tool.env);
  return path;
}

/** Times `once` for each tool in turn, `pairs` times over (the others in fewer rounds), the first tool of a round changing each time. */
function row(
  title: string,
  key: string,
  tools: readonly Tool[],
  once: (tool: Tool, round: number) => Measurement,
  sizeOf?: (tool: Tool) => string,
): void {
  if (wanted !== undefined && !wanted.some((prefix) => key.startsWith(prefix))) return;
  const results = new Map<string, Measurement[]>(tools.map((tool) => [tool.name, []]));
  for (let round = 0; round < pairs; round++) {
    const taking = round < Number(values.others) ? tools : tools.filter((tool) => tool === ours || tool === theirs);
    const order = round % 2 === 0 ? taking : taking.toReversed();
    for (const tool of order) results.get(tool.name)?.push(once(tool, round));
  }
  const sizes = new Map(sizeOf === undefined ? [] : tools.map((tool) => [tool.name, sizeMebibytes(sizeOf(tool))] as const));
  const done = { title, results, sizes };
  rows.push(done);
  process.stdout.write(`${renderTable([done])}\n`);
  if (values.out !== '') writeFileSync(values.out, renderTable(rows));
}

function backupRows(): void {
  const titles: Record<DataSetName, string> = {
    small: 'First backup, 60 000 small files',
    random: 'First backup, 2 GiB incompressible',
    text: 'First backup, 1 GiB SQL and JSON',
  };
  for (const name of ['small', 'random', 'text'] as const) {
    const source = makeDataSet(sources, name, scale);
    const tools = [ours, theirs, ...others];
    row(
      titles[name],
      `first-${name}`,
      tools,
      (tool) => run(tool, tool.backup(freshRepository(tool), source)),
      (tool) => repository(tool),
    );
    const restorers = tools.filter((tool) => tool.restore !== undefined);
    if (wanted?.some((prefix) => `restore-${name}`.startsWith(prefix)) === false) continue;
    for (const tool of restorers) run(tool, tool.backup(freshRepository(tool), source));
    row(`Restore of it (${name})`, `restore-${name}`, restorers, (tool) => {
      const target = join(work, 'restored');
      remove(target);
      return run(tool, tool.restore?.(repository(tool), target) ?? []);
    });
    remove(join(work, 'restored'));
    const checkers = tools.filter((tool) => tool.check !== undefined);
    row(`Check with all data read (${name})`, `check-${name}`, checkers, (tool) => run(tool, tool.check?.(repository(tool)) ?? []));
  }
}

function changeRows(): void {
  if (wanted !== undefined && !wanted.some((prefix) => /^(no-change|changed|prune)/.test(prefix))) return;
  const original = makeDataSet(sources, 'small', scale);
  const source = join(work, 'changing');
  remove(source);
  cpSync(original, source, { recursive: true, preserveTimestamps: true });
  const tools = [ours, theirs, ...others.filter((tool) => tool.name === 'borg')];
  for (const tool of tools) run(tool, tool.backup(freshRepository(tool, 'changes'), source));
  row('Backup without a change (small files)', 'no-change', tools, (tool) => run(tool, tool.backup(repository(tool, 'changes'), source)));
  let changed = -1;
  row('Backup with 1 % changed (small files)', 'changed', tools, (tool, round) => {
    if (changed !== round) changeOnePercent(source, round);
    changed = round;
    return run(tool, tool.backup(repository(tool, 'changes'), source));
  });
  pruneRow(source);
  remove(source);
}

function pruneRow(source: string): void {
  if (wanted !== undefined && !wanted.some((prefix) => 'prune'.startsWith(prefix))) return;
  const tools = [ours, theirs];
  const snapshots = 8;
  for (const tool of tools) freshRepository(tool, 'pruned');
  for (let round = 0; round < snapshots; round++) {
    for (let part = 0; part < 12; part++) changeOnePercent(source, 100 + round * 12 + part);
    for (const tool of tools) run(tool, tool.backup(repository(tool, 'pruned'), source));
  }
  for (const tool of tools) run(tool, tool.forgetHalf?.(repository(tool, 'pruned'), snapshots / 2) ?? []);
  row('Prune after forgetting half of 8 snapshots', 'prune', tools, (tool) => {
    const copy = repository(tool, 'pruned-copy');
    remove(copy);
    cpSync(repository(tool, 'pruned'), copy, { recursive: true });
    return run(tool, tool.prune?.(copy) ?? []);
  });
}

function fanOutRow(): void {
  const source = makeDataSet(sources, 'small', scale);
  row('One source to 3 repositories (restic: three runs)', 'fan-out', [ours, theirs], (tool) => {
    const targets = ['one', 'two', 'three'].map((name) => freshRepository(tool, name));
    if (tool === ours) return run(tool, holdfastFanOut(targets, source));
    const runs = targets.map((target) => run(tool, tool.backup(target, source)));
    return {
      wallSeconds: runs.reduce((sum, each) => sum + each.wallSeconds, 0),
      cpuSeconds: runs.reduce((sum, each) => sum + each.cpuSeconds, 0),
      peakMebibytes: Math.max(...runs.map((each) => each.peakMebibytes)),
    };
  });
}

const version = (argv: readonly string[]): string => execFileSync(argv[0] as string, argv.slice(1), { encoding: 'utf8' }).trim();
process.stdout.write(`${version([resticPath, 'version'])}; ${borgPath === undefined ? 'no borg' : version([borgPath, '--version'])}; `);
process.stdout.write(`${cpus().length} processors (${cpus()[0]?.model}); ${pairs} rounds; scale ${scale}; page cache ${values.cache}\n\n`);
backupRows();
changeRows();
fanOutRow();
const blobs = Number(values['index-blobs']);
process.stdout.write(`Index memory at ${blobs} blobs: ${indexBytesPerBlob(blobs).toFixed(1)} bytes a blob\n`);
