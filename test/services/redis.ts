import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, type GuardedServer, type ServerFolder, serverFolder, startGuarded } from './guarded-server.ts';
import { hasProgram, runProgram } from './run-program.ts';

export interface RedisServer extends GuardedServer {
  readonly port: number;
  readonly password: string;
  /** Where it keeps its file. */
  readonly folder: string;
  /** Sends one command and returns the answer as redis-cli prints it. */
  ask(...words: readonly string[]): string;
  /** Starts it again in the same folder, after it has ended by itself. */
  again(): Promise<RedisServer>;
}

export interface RedisSettings {
  /** Further lines of its configuration. */
  readonly configuration?: readonly string[];
}

/** Why there is no Redis for tests, or undefined where there is. Under CI it must not be missing. */
export function whyNoRedis(): string | undefined {
  if (hasProgram('redis-server') && hasProgram('redis-cli')) return undefined;
  const reason = 'needs a Redis server: see test/services/install.ts';
  if (process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}

/** Starts a Redis server of its own on a loopback port with a password, with all its state in one temporary folder. */
export async function startRedis(settings: RedisSettings = {}): Promise<RedisServer> {
  const place = serverFolder('redis', ['redis', 'nobody']);
  const password = randomBytes(16).toString('hex');
  const port = await freePort();
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${place.folder}`,
    'save ""',
    'enable-debug-command local',
    ...(settings.configuration ?? []),
  ];
  writeFileSync(join(place.folder, 'redis.conf'), lines.join('\n'), { mode: 0o644 });
  return await start(place, port, password);
}

async function start(place: ServerFolder, port: number, password: string): Promise<RedisServer> {
  const { folder } = place;
  const ask = (...words: readonly string[]): string => {
    const done = spawnSync('redis-cli', ['-p', String(port), '--no-auth-warning', ...words], {
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, REDISCLI_AUTH: password },
    });
    if (done.status !== 0) throw new Error(`redis-cli ended with ${done.status}: ${done.stderr}`);
    return done.stdout.trim();
  };
  const isUp = async (): Promise<void> => {
    if (ask('PING') !== 'PONG') throw new Error('Redis does not answer yet');
  };
  const guarded = await startGuarded(place, ['redis-server', join(folder, 'redis.conf')], isUp);
  // The folder goes with the guard: what is to be started again is kept beside it.
  const again = async (): Promise<RedisServer> => {
    const next = serverFolder('redis', ['redis', 'nobody']);
    runProgram('cp', ['-a', '--', `${folder}/.`, next.folder]);
    await guarded[Symbol.asyncDispose]();
    const configuration = join(next.folder, 'redis.conf');
    runProgram('sed', ['-i', `s|^dir .*|dir ${next.folder}|`, configuration]);
    return await start(next, port, password);
  };
  return { ...guarded, port, password, folder, ask, again };
}
