import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runProgram } from './run-program.ts';

const program = '/usr/sbin/sshd';
/** Ends the server and removes its folder as soon as the process that holds the other end of standard input is gone, whatever ended it. */
const guard = `trap "" INT TERM HUP; exec 3<&0; folder=$1; shift
"$@" </dev/null >"$folder/log" 2>&1 & server=$!
echo $server >"$folder/server"
read -r line <&3
kill -TERM $server; wait $server; rm -rf -- "$folder"`;
/** Gives sshd accounts that this machine does not have, seen by nobody else. */
const withAccounts = 'mount --bind "$1/passwd" /etc/passwd && mount --bind "$1/shadow" /etc/shadow && shift && exec "$@"';

export interface SshServerOptions {
  /** Lines for sshd_config, in front of the usual ones, so that they win. */
  readonly settings?: readonly string[];
  /** An account of its own with that password, in place of the one that runs the tests. Needs root. */
  readonly account?: { readonly name: string; readonly password: string };
  readonly port?: number;
  readonly hostKeyType?: 'ed25519' | 'ecdsa' | 'rsa';
  /** Lines for authorized_keys, in place of the server's own client key. */
  readonly authorizedKeys?: readonly string[];
}

/** Why there is no sshd for tests, or undefined where there is one. Under CI it must not be missing. */
export function whyNoSshd(): string | undefined {
  if (existsSync(program)) return undefined;
  const reason = 'needs an SSH server: see test/services/install.ts';
  if (process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}

/** An sshd of its own on a loopback port, with host key, client key and all other state in one temporary folder. */
export class SshServer implements AsyncDisposable {
  readonly port: number;
  readonly user: string;
  readonly folder: string;
  readonly #guard: ChildProcess;
  readonly #ended: Promise<void>;

  private constructor(port: number, user: string, folder: string, child: ChildProcess) {
    this.port = port;
    this.user = user;
    this.folder = folder;
    this.#guard = child;
    this.#ended = new Promise((resolve) => child.once('exit', () => resolve()));
  }

  static async start(options: SshServerOptions = {}): Promise<SshServer> {
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-sshd-'));
    runProgram('chmod', ['755', folder]);
    makeKey(join(folder, 'host_key'), options.hostKeyType ?? 'ed25519');
    makeKey(join(folder, 'client_key'), 'ed25519');
    const authorized = options.authorizedKeys ?? [readFileSync(join(folder, 'client_key.pub'), 'utf8').trim()];
    writeFileSync(join(folder, 'authorized_keys'), `${authorized.join('\n')}\n`);
    const port = options.port ?? (await freePort());
    const settings = [
      ...(options.settings ?? []),
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${folder}/host_key`,
      `PidFile ${folder}/pid`,
      `AuthorizedKeysFile ${folder}/authorized_keys`,
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin yes',
      `PasswordAuthentication ${options.account === undefined ? 'no' : 'yes'}`,
      'KbdInteractiveAuthentication no',
      'PrintMotd no',
      // Bash reads ~/.bashrc in a session of sshd only where it is the outermost shell: the tests do not hang on what is in there.
      'SetEnv SHLVL=2',
      'MaxStartups 100',
      'LogLevel VERBOSE',
    ];
    writeFileSync(join(folder, 'sshd_config'), `${settings.join('\n')}\n`);
    const server = [program, '-D', '-e', '-f', join(folder, 'sshd_config')];
    const command = options.account === undefined ? server : isolated(folder, options.account, server);
    const child = spawn('sh', ['-c', guard, 'sh', folder, ...command], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    const started = new SshServer(port, options.account?.name ?? userInfo().username, folder, child);
    await started.#waitUntilReady();
    child.unref();
    if (child.stdin !== null && 'unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
    return started;
  }

  /** The host's public key as it is pinned: `ssh-ed25519 AAAA…`. */
  get hostKey(): string {
    return readFileSync(join(this.folder, 'host_key.pub'), 'utf8').trim().split(' ').slice(0, 2).join(' ');
  }

  /** The text of the private key that the server lets in. */
  get clientKey(): string {
    return readFileSync(join(this.folder, 'client_key'), 'utf8');
  }

  get log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  /** The processes of the connections that are open now, those that run as the account included. */
  connections(): number[] {
    const listener = Number(readFileSync(join(this.folder, 'server'), 'utf8'));
    return descendants(listener).filter((pid) => /^sshd/.test(nameOf(pid)));
  }

  /** Whatever runs below this server and is not sshd: the commands of its clients. */
  commands(): { readonly pid: number; readonly line: string }[] {
    const listener = Number(readFileSync(join(this.folder, 'server'), 'utf8'));
    return descendants(listener).flatMap((pid) => (/^sshd/.test(nameOf(pid)) ? [] : [{ pid, line: commandLineOf(pid) }]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#guard.exitCode !== null) return;
    for (const pid of this.connections()) signal(pid, 'SIGKILL');
    this.#guard.ref();
    this.#guard.stdin?.end();
    await this.#ended;
  }

  async #waitUntilReady(): Promise<void> {
    for (let tries = 0; ; tries++) {
      if (await answers(this.port)) return;
      if (tries > 200 || this.#guard.exitCode !== null) {
        const log = existsSync(join(this.folder, 'log')) ? this.log : '';
        this.#guard.stdin?.end();
        throw new Error(`sshd did not start: ${log.trim().split('\n').slice(-3).join(' | ')}`);
      }
      await delay(50);
    }
  }
}

/** Makes a key pair in that file, without a passphrase unless one is given. */
export function makeKey(file: string, type: 'ed25519' | 'ecdsa' | 'rsa', passphrase = ''): void {
  runProgram('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'holdfast-test', '-f', file]);
}

/** Sends a signal to one process, if it is still there. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone.
  }
}

function isolated(folder: string, { name, password }: { name: string; password: string }, server: readonly string[]): string[] {
  const home = join(folder, 'home');
  mkdirSync(home, { mode: 0o755 });
  const hash = runProgram('openssl', ['passwd', '-6', password]).trim();
  writeFileSync(join(folder, 'passwd'), `${readFileSync('/etc/passwd', 'utf8')}${name}:x:61234:61234::${home}:/bin/sh\n`);
  writeFileSync(join(folder, 'shadow'), `${readFileSync('/etc/shadow', 'utf8')}${name}:${hash}:19000:0:99999:7:::\n`, { mode: 0o600 });
  runProgram('chown', ['61234:61234', home]);
  return ['unshare', '--mount', 'sh', '-c', withAccounts, 'sh', folder, ...server];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}

async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('data', () => {
      resolve(true);
      socket.destroy();
    });
  });
}

/** Processes whose parents lead up to that one. A process whose parent ended is not found any more. */
function descendants(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue;
    const stat = readText(`/proc/${name}/stat`);
    const parent = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === root || isBelow(parent));
  };
  return Array.from(parents.keys()).filter(isBelow);
}

function nameOf(pid: number): string {
  return readText(`/proc/${pid}/comm`);
}

function commandLineOf(pid: number): string {
  return readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
