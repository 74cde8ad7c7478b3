import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

/*
 * What somebody waits for who tries Holdfast: a fresh clone of what is committed here, `npm ci`, `npm start` with the first build of the web
 * page, and `npm start` again, each until it says its address. The first time npm is asked it may fetch packages, later it has them.
 */
const { values } = parseArgs({
  options: {
    /** The folder of the Node to start it with, before the others in PATH. */
    node: { type: 'string' },
    starts: { type: 'string', default: '5' },
  },
});
const repository = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'holdfast-first-start-'));
const clone = join(folder, 'holdfast');
const env: NodeJS.ProcessEnv = { ...process.env, HOLDFAST_DATA: join(folder, 'data'), HOLDFAST_PORT: '0' };
if (values.node !== undefined) env['PATH'] = `${values.node}:${process.env['PATH'] ?? ''}`;

function seconds(work: () => void): string {
  const beganMs = performance.now();
  work();
  return ((performance.now() - beganMs) / 1000).toFixed(1);
}

/** Seconds until it says its address. */
async function start(): Promise<string> {
  const beganMs = performance.now();
  // A group of its own, so that npm, what it starts and what that starts end together.
  const child = spawn('npm', ['start'], { cwd: clone, env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const { promise: gone, resolve: left } = Promise.withResolvers<void>();
  child.once('close', () => left());
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (/Holdfast is ready at http/.test(line)) return ((performance.now() - beganMs) / 1000).toFixed(1);
    }
    throw new Error('npm start ended before it was ready');
  } finally {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
    await gone;
  }
}

try {
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', repository, clone]);
  const installSeconds = seconds(() => void execFileSync('npm', ['ci'], { cwd: clone, env, stdio: ['ignore', 'ignore', 'inherit'] }));
  const firstSeconds = await start();
  const later: string[] = [];
  for (let index = 0; index < Number(values.starts); index++) later.push(await start());
  const version = execFileSync('node', ['--version'], { env, encoding: 'utf8' }).trim();
  process.stdout.write(`node ${version} in PATH; ${cpus().length} processors (${cpus()[0]?.model})\n\n`);
  process.stdout.write('| step | s |\n| --- | ---: |\n');
  process.stdout.write(`| npm ci | ${installSeconds} |\n`);
  process.stdout.write(`| first npm start, which builds the web page | ${firstSeconds} |\n`);
  process.stdout.write(`| npm start, built (${later.length} times) | ${later.join(' ')} |\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
