import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { installServices } from '../test/services/install.ts';
import { findPostgres, startPostgres } from '../test/services/postgres-server.ts';

const root = resolve(import.meta.dirname, '..');
const words = process.argv.slice(2);
const options = words.filter((word) => word.startsWith('-'));
/** Files or glob patterns, relative to the root of the repository. */
const named = words.filter((word) => !word.startsWith('-'));

function allTests(): string[] {
  const rooms = ['packages', 'apps', 'test', 'bench'].map((room) => `${room}/**/*.test.ts`);
  const leftOut = ['node_modules', 'fixtures'];
  return globSync(rooms, { cwd: root, exclude: (name) => leftOut.includes(name) })
    .sort()
    .map((name) => join(root, name));
}

/** Runs Node's test runner; its own summary is the last thing it prints. Returns the exit code, or the signal that ended it. */
async function runTests(files: readonly string[], environment: Readonly<Record<string, string>>): Promise<number | NodeJS.Signals> {
  // A test file runs in its own process; the time is for one file and for each test in it.
  const parameters = ['--test', '--test-concurrency=2', '--test-timeout=300000', '--test-reporter=spec', ...options, ...files];
  const runner = spawn(process.execPath, parameters, { stdio: 'inherit', cwd: root, env: { ...process.env, ...environment } });
  const { promise, resolve: settle, reject } = Promise.withResolvers<number | NodeJS.Signals>();
  runner.once('error', reject);
  runner.once('exit', (code, signal) => settle(code ?? signal ?? 1));
  // Ctrl-C reaches the runner by itself; this only keeps the script alive until the runner has ended.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => runner.kill('SIGTERM'));
  return await promise;
}

/** One PostgreSQL for all test files, where there are such as need one and it is installed and none is named; it ends with this process. */
async function postgresFor(files: readonly string[]): Promise<Record<string, string>> {
  const variable = 'HOLDFAST_POSTGRES_URL';
  const isNeeded = globSync([...files], { cwd: root }).some((file) =>
    readFileSync(resolve(root, file), 'utf8').includes('/with-databases.ts'),
  );
  if (!isNeeded || (process.env[variable] ?? '') !== '' || findPostgres() === undefined) return {};
  return { [variable]: (await startPostgres()).url };
}

const missing = installServices();
const files = named.length > 0 ? named : allTests();
const outcome = await runTests(files, await postgresFor(files));
for (const what of missing) console.error(`Left out, tests that need ${what}`);
process.exitCode = outcome === 0 && missing.length > 0 && process.env['CI'] === 'true' ? 1 : typeof outcome === 'number' ? outcome : 1;
