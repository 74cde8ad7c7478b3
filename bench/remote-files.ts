/**
 * Files over one hop of SSH on loopback: a first backup, one after 1 % of the files were changed, and one without changes, against `ssh tar` of
 * everything and `ssh tar | restic backup --stdin`; the bytes on the wire; and the tree against that of a local backup.
 *
 *   node bench/remote-files.ts [--scale 0.02] [--pairs 1] [--cache cold|warm] [--restic PATH] [--work FOLDER]
 *
 * Scale 1 is 60 000 files, 1 GB. Ends by itself, and leaves nothing but the data set in the folder.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Secret } from '@holdfast/kernel';
import { LocalStorage } from '@holdfast/storage/local';
import { backup, findSubfolder, Repository } from '../packages/engine/src/index.ts';
import { SshServer } from '../test/services/sshd.ts';
import { changeOnePercent, makeDataSet } from './data-sets.ts';
import { knownServer, writePlainConfig } from './loopback-sshd.ts';
import { type Measurement, measure, median } from './measure.ts';
import type { RemoteBackup, RemoteBackupResult } from './remote-backup.ts';
import { folder, restic } from './tools.ts';

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '0.02' },
    pairs: { type: 'string', default: '1' },
    cache: { type: 'string', default: process.getuid?.() === 0 ? 'cold' : 'warm' },
    restic: { type: 'string', default: 'restic' },
    work: { type: 'string', default: join(tmpdir(), 'holdfast-bench') },
  },
});
const password = 'benchmark';
const pairs = Number(values.pairs);
const source = makeDataSet(folder(join(folder(values.work), 'sources')), 'small', Number(values.scale));
const root = mkdtempSync(join(values.work, 'remote-'));
const child = fileURLToPath(new URL('./remote-backup.ts', import.meta.url));

function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Measurement {
  execFileSync('sync');
  if (values.cache === 'cold') writeFileSync('/proc/sys/vm/drop_caches', '3');
  return measure(argv, env);
}

function newRepository(path: string, polynomial?: bigint): Promise<Repository> {
  rmSync(path, { recursive: true, force: true });
  return Repository.init({
    storage: new LocalStorage({ path }),
    password: new Secret(password),
    ...(polynomial === undefined ? {} : { polynomial }),
  });
}

interface Ours {
  readonly took: Measurement;
  readonly result: RemoteBackupResult;
}

function say(name: string, runs: readonly Measurement[], more = ''): void {
  const wall = runs.map(({ wallSeconds }) => wallSeconds);
  const cpu = median(runs.map(({ cpuSeconds }) => cpuSeconds)).toFixed(1);
  const peak = Math.max(...runs.map(({ peakMebibytes }) => peakMebibytes)).toFixed(0);
  const all = wall.map((each) => each.toFixed(2)).join(' ');
  process.stdout.write(`| ${name} | ${median(wall).toFixed(2)} | ${cpu} | ${peak} | ${more} | ${all} |\n`);
}

try {
  await using server = await SshServer.start();
  const plain = writePlainConfig(root, [server]);
  const path = join(root, 'repository');
  const answer = join(root, 'answer');
  const compiled = folder(join(values.work, 'compiled'));
  const ours = (): Ours => {
    const told: RemoteBackup = { server: knownServer(server), repository: path, password, source };
    const argv = ['sh', '-c', 'exec "$1" "$2" >"$3"', 'sh', process.execPath, child, answer];
    const took = run(argv, { BENCH_REMOTE: JSON.stringify(told), NODE_COMPILE_CACHE: compiled });
    return { took, result: JSON.parse(readFileSync(answer, 'utf8')) as RemoteBackupResult };
  };
  const tar = `ssh -F ${plain} hop0 tar -c -C ${source} .`;
  const everything = (): Measurement => run(['sh', '-c', `${tar} >/dev/null`]);
  const hasRestic = existsSync(values.restic) || spawnSync(values.restic, ['version']).status === 0;
  const theirs = restic(values.restic, folder(join(root, 'restic-cache')));
  const toRestic = (): Measurement => {
    const repository = join(root, 'restic');
    rmSync(repository, { recursive: true, force: true });
    measure(theirs.init(repository), theirs.env);
    const argv = ['bash', '-c', `set -o pipefail; ${tar} | ${values.restic} -r ${repository} -q backup --stdin --stdin-filename all.tar`];
    return run(argv, theirs.env);
  };

  const files = Number(execFileSync('sh', ['-c', `find ${source} -type f | wc -l`], { encoding: 'utf8' }));
  const bytes = Number(
    execFileSync('sh', ['-c', `find ${source} -type f -printf '%s\\n' | awk '{s+=$1} END {print s}'`], { encoding: 'utf8' }),
  );
  process.stdout.write(`${files} files, ${bytes} bytes, ${values.cache} cache\n\n`);
  process.stdout.write('| what | median s | CPU s | peak MiB | bytes on the wire | runs s |\n| --- | ---: | ---: | ---: | ---: | --- |\n');
  const wire = ({ result: { up, down } }: Ours): string => `${up + down}`;

  // As the program itself does, the files of TypeScript are compiled once and not in every run.
  await newRepository(path);
  ours();
  const first: Ours[] = [];
  const restics: Measurement[] = [];
  const tars: Measurement[] = [];
  let polynomial = 0n;
  for (let i = 0; i < pairs; i++) {
    const repository = await newRepository(path);
    polynomial = repository.polynomial;
    const turns = [
      (): unknown => first.push(ours()),
      (): unknown => hasRestic && restics.push(toRestic()),
      (): unknown => tars.push(everything()),
    ];
    for (const turn of i % 2 === 0 ? turns : turns.toReversed()) turn();
  }
  say('ssh tar of everything', tars);
  if (hasRestic) say('ssh tar \\| restic backup --stdin', restics);
  say(
    'first backup',
    first.map(({ took }) => took),
    wire(first.at(-1) as Ours),
  );

  const changed: Ours[] = [];
  const unchanged: Ours[] = [];
  const changedBytes: number[] = [];
  for (let i = 0; i < pairs; i++) {
    const stamp = join(root, 'stamp');
    writeFileSync(stamp, '');
    changeOnePercent(source, i);
    const listed = execFileSync('find', [source, '-type', 'f', '-newer', stamp, '-printf', '%s\n'], { encoding: 'utf8' });
    changedBytes.push(
      listed
        .trim()
        .split('\n')
        .reduce((all, size) => all + Number(size), 0),
    );
    changed.push(ours());
    unchanged.push(ours());
  }
  say(
    '1 % changed',
    changed.map(({ took }) => took),
    changed.map(wire).join(' '),
  );
  say(
    'nothing changed',
    unchanged.map(({ took }) => took),
    unchanged.map(wire).join(' '),
  );

  const last = unchanged.at(-1) as Ours;
  const other = join(root, 'local');
  const local = await newRepository(other, polynomial);
  await using lock = await local.lockAndLoadIndex({ exclusive: false });
  const here = await backup([{ repository: local, lock, parent: undefined }], { targets: [Buffer.from(source)] });
  const there = await Repository.open({ storage: new LocalStorage({ path }), password: new Secret(password) });
  await using _held = await there.lockAndLoadIndex({ exclusive: false });
  const subfolder = { subfolder: Buffer.from(source.slice(1)) };
  const same = (await findSubfolder(there, last.result.tree, subfolder)) === (await findSubfolder(local, here.tree, subfolder));
  const allowed = changedBytes.map((each) => Math.round(1.2 * (each + 150 * files)));
  process.stdout.write(`\nsame tree as a local backup: ${same ? 'yes' : 'NO'}\n`);
  process.stdout.write(
    `files fetched: ${changed.map(({ result }) => result.filesFetched).join(' ')}; allowed on the wire: ${allowed.join(' ')}\n`,
  );
  const seconds = (runs: readonly Measurement[]): number => median(runs.map(({ wallSeconds }) => wallSeconds));
  const second = seconds(changed.map(({ took }) => took));
  process.stdout.write(`1 % changed takes ${(second / seconds(tars)).toFixed(2)} of ssh tar of everything\n`);
  if (hasRestic)
    process.stdout.write(
      `first backup is ${(seconds(restics) / seconds(first.map(({ took }) => took))).toFixed(2)} times as fast as restic\n`,
    );
  if (!same) process.exitCode = 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}
