import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { runProgram } from './run-program.ts';

const startTimeoutMs = 30_000;
/** It serves tests only: what a power cut would lose is thrown away anyhow. */
const settings = ['fsync=off', 'full_page_writes=off', 'max_connections=300', 'shared_buffers=64MB', 'unix_socket_directories='];
/** Ends the server and removes its folder as soon as the process that holds the other end of standard input is gone, whatever ended it. */
const guard = `trap "" INT TERM HUP; exec 3<&0; folder=$1; shift
"$@" </dev/null >"$folder/log" 2>&1 & server=$!
read -r line <&3
kill -INT $server; wait $server; rm -rf -- "$folder"`;

/** The folder of the newest PostgreSQL server programs of Debian's packages, or undefined where there are none. */
export function findPostgres(): string | undefined {
  const major = (folder: string): number => Number(folder.split('/').at(-2));
  const folders = globSync('/usr/lib/postgresql/*/bin').filter((folder) => existsSync(join(folder, 'initdb')));
  return folders.sort((a, b) => major(a) - major(b)).at(-1);
}

/**
 * Starts a PostgreSQL server of its own on a loopback port, with all its state in one temporary folder; as another user where this one is
 * root, which PostgreSQL refuses. It ends, and its folder goes, when it is disposed of or when this process ends.
 */
export async function startPostgres(): Promise<AsyncDisposable & { readonly url: string }> {
  const programs = findPostgres();
  if (programs === undefined) throw new Error('there is no PostgreSQL server: see test/services/install.ts');
  const user = process.getuid?.() === 0 ? otherUser() : undefined;
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-postgres-'));
  const password = randomBytes(16).toString('hex');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== undefined) for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid);
  const data = join(folder, 'data');
  const cluster = ['--pgdata', data, '--username=holdfast', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8'];
  runProgram(join(programs, 'initdb'), [...cluster, '--locale=C', '--no-sync'], { ...user, cwd: folder });
  const port = await freePort();
  const server = [
    join(programs, 'postgres'),
    '-D',
    data,
    '-h',
    '127.0.0.1',
    '-p',
    String(port),
    ...settings.flatMap((line) => ['-c', line]),
  ];
  const child = spawn('sh', ['-c', guard, 'sh', folder, ...server], { ...user, cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] });
  const url = `postgres://holdfast:${password}@127.0.0.1:${port}/postgres`;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.ref();
    child.stdin.end();
    await ended;
  };
  try {
    await Promise.race([waitForServer(url), ended]);
    if (child.exitCode !== null) throw new Error('PostgreSQL ended at once');
  } catch (error) {
    const log = existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : '';
    await stop();
    throw new Error(`PostgreSQL did not start: ${log.trim().split('\n').slice(-3).join(' | ')}`, { cause: error });
  }
  // Nobody waits for it: a process that has nothing else to do ends, and the server with it.
  child.unref();
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return { url, [Symbol.asyncDispose]: stop };
}

function otherUser(): { uid: number; gid: number } {
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = accounts.map((line) => line.split(':')).find(([account]) => account === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error('neither the user postgres nor nobody exists');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}

/** It listens some time before it lets anybody in. */
async function waitForServer(url: string): Promise<void> {
  for (const endMs = performance.now() + startTimeoutMs; ; await delay(50)) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (performance.now() > endMs) throw error;
    }
  }
}
