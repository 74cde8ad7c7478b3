import type { CallOptions, ExplainedCommand, Host } from '@holdfast/connect/port';
import { type Clock, type RandomSource, systemClock, systemRandom } from '@holdfast/kernel';
import { dumpEntry } from '../dump-entry.ts';
import { dumpStream } from '../dump-stream.ts';
import { defaultTls, toolPath } from '../option-types.ts';
import type { PushOptions, PushReport, RestoreEntry, SourceDriver, SourceEntry, SourceProbe } from '../port.ts';
import { unprovenServer } from '../probe-problems.ts';
import type { SourcePorts } from '../source-ports.ts';
import { pushRedis, rdbPath } from './push-redis.ts';
import { openRedisConnection, type RedisConnection, readRedisFailure, redisParameters } from './redis-connection.ts';
import { redisInfo } from './redis-info.ts';
import type { RedisOptions } from './redis-options.ts';
import { verifyRdb } from './verify-rdb.ts';

const what = 'The copy of the Redis server';

/** Redis or Valkey, by redis-cli of the host at the end of the chain: all that is in memory as of one instant, as one RDB file. */
export class RedisSource implements SourceDriver {
  readonly concurrency = 1;
  readonly #options: RedisOptions;
  readonly #clock: Clock;
  readonly #random: RandomSource;

  constructor(options: RedisOptions, ports: SourcePorts = {}) {
    this.#options = options;
    this.#clock = ports.clock ?? systemClock;
    this.#random = ports.random ?? systemRandom;
  }

  async probe(host: Host, options: CallOptions = {}): Promise<SourceProbe> {
    await using connection = await openRedisConnection(host, this.#options, options);
    const info = redisInfo(await connection.ask(['INFO'], options));
    const memory = info.get('used_memory_dataset');
    return {
      server: info.has('valkey_version')
        ? `Valkey ${info.get('valkey_version')}`
        : `Redis ${info.get('redis_version') ?? '(version unknown)'}`,
      tools: [{ name: connection.program, version: connection.version }],
      contents: [{ name: rdbPath, sizeBytes: memory === undefined ? undefined : Number(memory), selected: true }],
      problems: (this.#options.tls ?? defaultTls(this.#options.host)) === 'unverified' ? [unprovenServer] : [],
    };
  }

  async *pull(host: Host, options: CallOptions = {}): AsyncGenerator<SourceEntry> {
    // Whether it lets us in is known before anything is listed.
    await using connection = await openRedisConnection(host, this.#options, options);
    await connection.ask(['PING'], options);
    yield dumpEntry(rdbPath, this.#clock.nowNs(), (call) => this.#dump(host, call));
  }

  async push(host: Host, entries: AsyncIterable<RestoreEntry>, options: PushOptions = {}): Promise<PushReport> {
    return await pushRedis(host, entries, this.#options, options, { clock: this.#clock, random: this.#random });
  }

  explain(host: Host): { readonly pull: readonly ExplainedCommand[]; readonly push: readonly ExplainedCommand[] } {
    const argv = [toolPath(this.#options.toolFolder, 'redis-cli'), ...redisParameters(this.#options, '…')];
    const command = (words: readonly string[]): ExplainedCommand => host.explain({ argv: [...argv, ...words], user: this.#options.runAs });
    return { pull: [command(['--rdb', '-'])], push: [command(['CONFIG', 'SET', 'save', '']), command(['SHUTDOWN', 'NOSAVE'])] };
  }

  async *#dump(host: Host, call: CallOptions = {}): AsyncGenerator<Uint8Array> {
    await using connection: RedisConnection = await openRedisConnection(host, this.#options, call);
    const dump = { ...connection.command(['--rdb', '-']), program: connection.program, what, read: readRedisFailure };
    yield* verifyRdb(dumpStream(host, dump, call), what);
  }
}
