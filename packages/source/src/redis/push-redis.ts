import type { CallOptions, Host } from '@holdfast/connect/port';
import { type Clock, CodedError } from '@holdfast/kernel';
import { collectEntries } from '../collect-entries.ts';
import { requireFree, writeFarFile } from '../far-file.ts';
import { notOfKind } from '../manifest.ts';
import type { PushOptions, PushReport, RestoreEntry } from '../port.ts';
import { readToEnd } from '../read-to-end.ts';
import { renamed } from '../renamed.ts';
import type { SourcePorts } from '../source-ports.ts';
import { openRedisConnection, type RedisConnection } from './redis-connection.ts';
import { redisInfo } from './redis-info.ts';
import type { RedisOptions } from './redis-options.ts';
import { verifyRdb } from './verify-rdb.ts';

export const rdbPath = 'dump.rdb';

const what = 'The copy of the Redis server';
const pollMs = 200;

/**
 * With a path to rename `dump.rdb` to, the file is put there and no server is touched. Without, it is put where the running server keeps its
 * file, and the server is stopped: it has the restored content when it starts again.
 */
export async function pushRedis(
  host: Host,
  entries: AsyncIterable<RestoreEntry>,
  options: RedisOptions,
  push: PushOptions,
  { clock, random }: Required<SourcePorts>,
): Promise<PushReport> {
  const call = { signal: push.signal, timeoutMs: push.timeoutMs };
  const entry = (await collectEntries(entries)).get(rdbPath);
  if (entry === undefined) throw notOfKind(rdbPath, 'Redis');
  const content = (): AsyncGenerator<Uint8Array> => verifyRdb(entry.open(call), what);
  const file = { ...call, user: options.runAs, random };
  const chosen = renamed(push, rdbPath);
  if (chosen !== rdbPath) {
    if (push.existing !== 'replace') await requireFree(host, chosen, { ...call, user: options.runAs });
    await using written = await writeFarFile(host, chosen, content(), file);
    await written.put();
    return { restored: [{ path: rdbPath, as: chosen }], notes: [] };
  }
  await using connection = await openRedisConnection(host, options, call);
  const place = await placeOfServer(host, connection, push, call);
  await readToEnd(content());
  await using written = await writeFarFile(host, place, content(), file);
  await keepQuiet(connection, clock, call);
  await written.put();
  await stop(host, connection, call);
  return {
    restored: [{ path: rdbPath, as: place }],
    notes: ['The Redis server was stopped: it has the restored content when it starts again'],
  };
}

/** Where the server reads its file from when it starts. */
async function placeOfServer(host: Host, connection: RedisConnection, push: PushOptions, call: CallOptions): Promise<string> {
  const setting = async (name: string): Promise<string> => (await connection.ask(['CONFIG', 'GET', name], call)).split('\n')[1] ?? '';
  if ((await setting('appendonly')) === 'yes') throw appendOnly(host);
  if (push.existing !== 'replace' && (await connection.ask(['INFO', 'keyspace'], call)).includes('keys=')) throw occupied(host);
  const folder = await setting('dir');
  const name = await setting('dbfilename');
  if (!folder.startsWith('/') || name === '' || name.includes('/')) throw notOfKind('the place of its file', 'Redis');
  return `${folder.replace(/\/+$/, '')}/${name}`;
}

/** From here on the server does not write its file by itself. */
async function keepQuiet(connection: RedisConnection, clock: Clock, call: CallOptions): Promise<void> {
  await connection.ask(['CONFIG', 'SET', 'save', ''], call);
  const isSaving = async (): Promise<boolean> =>
    redisInfo(await connection.ask(['INFO', 'persistence'], call)).get('rdb_bgsave_in_progress') !== '0';
  while (await isSaving()) await clock.sleep(pollMs, call.signal);
}

async function stop(host: Host, connection: RedisConnection, call: CallOptions): Promise<void> {
  // It closes the connection instead of an answer, and where it is a container's first process the container goes with it.
  await connection.ask(['SHUTDOWN', 'NOSAVE'], call).catch(() => undefined);
  const still = await connection.ask(['INFO', 'server'], call).catch(() => '');
  if (!/^process_id:/m.test(still)) return;
  throw new CodedError({
    code: 'target-unwritable',
    message: `The Redis server of ${host.description} did not stop, or was started again before it could be seen`,
    hint: 'Look whether it has the restored content. Its automatic saving (CONFIG save) was turned off until it starts again.',
  });
}

function appendOnly(host: Host): CodedError {
  return new CodedError({
    code: 'invalid-argument',
    message: `The Redis server of ${host.description} keeps an append-only file, and would ignore the restored one`,
    hint: 'Start it with `appendonly no`, restore, start it again so, and turn it on by `CONFIG SET appendonly yes`.',
  });
}

function occupied(host: Host): CodedError {
  return new CodedError({
    code: 'target-occupied',
    message: `The Redis server of ${host.description} has keys`,
    hint: 'Ask for them to be replaced, or restore the file to another path. Nothing was changed.',
  });
}
