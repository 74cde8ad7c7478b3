import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type GuardedServer, serverFolder, startGuarded } from './guarded-server.ts';
import { hasProgram, runProgram } from './run-program.ts';

export interface MariadbServer extends GuardedServer {
  readonly port: number;
  readonly socket: string;
  /** Of the account `root`. */
  readonly password: string;
  /** Runs SQL as `root` and returns what it prints, columns separated by tabs. */
  sql(statements: string, database?: string): string;
}

const candidates = ['/usr/sbin/mariadbd', '/usr/bin/mariadbd', '/usr/local/bin/mariadbd'];

/** Why there is no MariaDB for tests, or undefined where there is. Under CI it must not be missing. */
export function whyNoMariadb(): string | undefined {
  if (findMariadb() !== undefined && hasProgram('mariadb-install-db') && hasProgram('mariadb-dump')) return undefined;
  const reason = 'needs a MariaDB server: see test/services/install.ts';
  if (process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}

function findMariadb(): string | undefined {
  return candidates.find((path) => existsSync(path));
}

/** Starts a MariaDB server of its own on a loopback port and a unix socket, with all its state in one temporary folder. */
export async function startMariadb(): Promise<MariadbServer> {
  const program = findMariadb();
  if (program === undefined) throw new Error('there is no MariaDB server: see test/services/install.ts');
  const place = serverFolder('mariadb', ['mysql', 'nobody']);
  const { folder, account } = place;
  const data = join(folder, 'data');
  const password = randomBytes(16).toString('hex');
  const install = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'];
  runProgram('mariadb-install-db', install, { ...account, cwd: folder });
  const first = join(folder, 'first.sql');
  writeFileSync(first, `ALTER USER root@localhost IDENTIFIED BY '${password}';\n`);
  const options = join(folder, 'root.cnf');
  const socket = join(folder, 'sock');
  writeFileSync(options, `[client]\nuser=root\npassword=${password}\nsocket=${socket}\n`, { mode: 0o600 });
  const port = await freePort();
  const server = [
    program,
    '--no-defaults',
    `--datadir=${data}`,
    `--socket=${socket}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--pid-file=${join(folder, 'server.pid')}`,
    `--init-file=${first}`,
    '--character-set-server=utf8mb4',
    // It serves tests only: what a power cut would lose is thrown away anyhow.
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-buffer-pool-size=64M',
    '--skip-log-bin',
    '--performance-schema=OFF',
  ];
  const sql = (statements: string, database?: string): string => {
    const where = database === undefined ? [] : [`--database=${database}`];
    const words = [`--defaults-file=${options}`, '--batch', '--raw', '--skip-column-names', '--default-character-set=utf8mb4', ...where];
    const done = spawnSync('mariadb', words, { input: `${statements}\n`, encoding: 'utf8', timeout: 120_000, maxBuffer: 64 << 20 });
    if (done.status !== 0) throw new Error(`mariadb ended with ${done.status}: ${done.stderr}`);
    return done.stdout;
  };
  const guarded = await startGuarded(place, server, async () => void sql('SELECT 1'));
  return { ...guarded, port, socket, password, sql };
}
