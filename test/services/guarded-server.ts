import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const startTimeoutMs = 120_000;
/** Ends the server and removes its folder as soon as the process that holds the other end of standard input is gone, whatever ended it. */
const guard = `trap "" INT TERM HUP; exec 3<&0; folder=$1; shift
"$@" </dev/null >>"$folder/log" 2>&1 & server=$!
printf '%s' $server >"$folder/pid"
read -r line <&3
kill -TERM $server 2>/dev/null; wait $server; rm -rf -- "$folder"`;

export interface ServerFolder {
  readonly folder: string;
  /** The account that the server runs as; undefined for that of this process. */
  readonly account: { readonly uid: number; readonly gid: number } | undefined;
}

export interface GuardedServer extends AsyncDisposable {
  /** To kill it. */
  readonly pid: number;
  /** Resolves when the server has ended, by itself or not, and its folder is gone. */
  readonly ended: Promise<void>;
}

/** A temporary folder for all that a server of tests has, owned by one of the accounts, if any are named, where this process is root. */
export function serverFolder(name: string, accounts: readonly string[]): ServerFolder {
  const account = process.getuid?.() === 0 && accounts.length > 0 ? accountOf(accounts) : undefined;
  const folder = mkdtempSync(join(tmpdir(), `holdfast-${name}-`));
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  return { folder, account };
}

/**
 * Starts the program and waits until `isUp` stops throwing. It ends, and its folder goes, when it is disposed of or when this process ends,
 * whatever ends it.
 */
export async function startGuarded(
  { folder, account }: ServerFolder,
  program: readonly string[],
  isUp: () => Promise<void>,
): Promise<GuardedServer> {
  const child = spawn('sh', ['-c', guard, 'sh', folder, ...program], { ...account, cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.ref();
    child.stdin.end();
    await ended;
  };
  try {
    for (const endMs = performance.now() + startTimeoutMs; ; await delay(50)) {
      try {
        await isUp();
        break;
      } catch (error) {
        if (performance.now() > endMs) throw error;
      }
    }
  } catch (error) {
    const log = existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : '';
    await stop();
    throw new Error(`${program[0] ?? ''} did not start: ${log.trim().split('\n').slice(-3).join(' | ')}`, { cause: error });
  }
  // Nobody waits for it: a process that has nothing else to do ends, and the server with it.
  child.unref();
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return { pid: Number(readFileSync(join(folder, 'pid'), 'utf8')), ended, [Symbol.asyncDispose]: stop };
}

/** A port of the loopback that nothing listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}

function accountOf(names: readonly string[]): { uid: number; gid: number } {
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of names) {
    const [, , uid, gid] = accounts.map((line) => line.split(':')).find(([account]) => account === name) ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(`none of the accounts ${names.join(', ')} exists`);
}
