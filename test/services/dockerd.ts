import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { hasProgram, runProgram } from './run-program.ts';

const startTimeoutMs = 60_000;
/**
 * Ends the engine and removes its folder as soon as the process that holds the other end of standard input is gone, whatever ended it. An engine
 * that ends stops its containers first, and the containerd that it started.
 */
const guard = `trap "" INT TERM HUP; exec 3<&0; folder=$1; shift
"$@" </dev/null >"$folder/log" 2>&1 & server=$!
read -r line <&3
kill -TERM $server; wait $server
umount "$folder"/run/netns/* "$folder"/data/containers/*/mounts/shm 2>/dev/null
rm -rf -- "$folder"`;

/** A container engine of its own, with the images `busybox` (a small system) and `static` (two programs, no shell). */
export interface DockerEngine extends AsyncDisposable {
  readonly socket: string;
  /** Runs the command line client with these words and returns what it wrote. */
  docker(words: readonly string[]): string;
  /** Starts a container that waits until it is removed, and returns its id. */
  run(name: string, options?: readonly string[], command?: readonly string[], image?: 'busybox' | 'static'): string;
}

/** Why there is no container engine for tests, or undefined where there is. Under CI it must not be missing. */
export function whyNoDocker(): string | undefined {
  const reason = missing();
  if (reason !== undefined && process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}

function missing(): string | undefined {
  if (process.getuid?.() !== 0) return 'a container engine needs root';
  const absent = ['dockerd', 'docker', 'iptables', 'busybox'].filter((program) => !hasProgram(program));
  return absent.length === 0 ? undefined : `needs ${absent.join(', ')}: see test/services/install.ts`;
}

/**
 * Starts a Docker engine on a socket of its own, with all its state in one temporary folder. It touches neither the network of the machine nor an
 * engine that is there; `settings` are further words for it. It ends, and its folder goes, when it is disposed of or when this process ends.
 */
export async function startDockerd(settings: readonly string[] = []): Promise<DockerEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-docker-'));
  const socket = join(folder, 'docker.sock');
  const config = join(folder, 'daemon.json');
  writeFileSync(config, '{}');
  const server = [
    'dockerd',
    `--host=unix://${socket}`,
    `--data-root=${join(folder, 'data')}`,
    `--exec-root=${join(folder, 'run')}`,
    `--pidfile=${join(folder, 'pid')}`,
    `--config-file=${config}`,
    '--storage-driver=vfs',
    '--iptables=false',
    '--bridge=none',
    '--shutdown-timeout=1',
    ...settings,
  ];
  const child = spawn('sh', ['-c', guard, 'sh', folder, ...server], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const docker = (words: readonly string[]): string => runProgram('docker', ['-H', `unix://${socket}`, ...words]);
  const stop = async (): Promise<void> => {
    child.ref();
    child.stdin.end();
    await ended;
  };
  try {
    await waitForEngine(docker);
    importImage(docker, join(folder, 'busybox'), 'busybox', layBusybox);
    importImage(docker, join(folder, 'static'), 'static', layStatic);
  } catch (error) {
    const log = existsSync(join(folder, 'log')) ? readFileSync(join(folder, 'log'), 'utf8') : '';
    await stop();
    throw new Error(`Docker did not start: ${log.trim().split('\n').slice(-3).join(' | ')}`, { cause: error });
  }
  // Nobody waits for it: a process that has nothing else to do ends, and the engine with it.
  child.unref();
  if ('unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();
  return {
    socket,
    docker,
    run: (name, options = [], command = ['sleep', '100000'], image = 'busybox') =>
      docker(['run', '--detach', '--name', name, '--network', 'none', '--stop-timeout', '1', ...options, image, ...command]).trim(),
    [Symbol.asyncDispose]: stop,
  };
}

/** A system of one program under many names, as small images have it. */
function layBusybox(root: string): void {
  for (const name of ['dev', 'etc', 'proc', 'root', 'sys', 'tmp', 'home/user']) mkdirSync(join(root, name), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  chmodSync(join(root, 'home/user'), 0o777);
  copyBusybox(root, 'bin/busybox');
  for (const applet of runProgram('busybox', ['--list']).trim().split('\n')) {
    if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet));
  }
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nuser:x:1000:\n');
}

/** Programs, but none that could run a script: by these names BusyBox is only what they say. */
function layStatic(root: string): void {
  mkdirSync(join(root, 'data'), { recursive: true });
  copyBusybox(root, 'sleep');
  copyBusybox(root, 'cat');
  writeFileSync(join(root, 'data/hello'), 'hello\n');
}

/** Debian has BusyBox in two kinds; the usual one comes with its libraries. */
function copyBusybox(root: string, name: string): void {
  const program = realpathSync(runProgram('sh', ['-c', 'command -v busybox']).trim());
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  const libraries = Array.from(stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g), ([, path]) => path ?? '');
  for (const [from, to] of [[program, name], ...libraries.map((path) => [path, path.slice(1)])] as const) {
    if (from === undefined || to === undefined) continue;
    mkdirSync(dirname(join(root, to)), { recursive: true });
    copyFileSync(from, join(root, to));
    chmodSync(join(root, to), 0o755);
  }
}

function importImage(docker: (words: readonly string[]) => string, root: string, name: string, lay: (root: string) => void): void {
  mkdirSync(root);
  lay(root);
  const archive = `${root}.tar`;
  runProgram('tar', ['-C', root, '-cf', archive, '.']);
  docker(['import', archive, name]);
}

async function waitForEngine(docker: (words: readonly string[]) => string): Promise<void> {
  for (const endMs = performance.now() + startTimeoutMs; ; await delay(100)) {
    try {
      docker(['version']);
      return;
    } catch (error) {
      if (performance.now() > endMs) throw error;
    }
  }
}
