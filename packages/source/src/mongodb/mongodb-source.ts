import type { CallOptions, Command, ExplainedCommand, Host } from '@holdfast/connect/port';
import { type Clock, CodedError, systemClock } from '@holdfast/kernel';
import { collectEntries } from '../collect-entries.ts';
import { dumpEntry } from '../dump-entry.ts';
import { dumpStream } from '../dump-stream.ts';
import { databaseOfEntry, entryName } from '../entry-name.ts';
import { defaultTls, toolPath } from '../option-types.ts';
import type { PushOptions, PushReport, RestoreEntry, SourceDriver, SourceEntry, SourceProbe } from '../port.ts';
import { unprovenServer } from '../probe-problems.ts';
import { readToEnd } from '../read-to-end.ts';
import { renamed } from '../renamed.ts';
import { runTool, toolVersion } from '../run-tool.ts';
import { Slots } from '../slots.ts';
import type { SourcePorts } from '../source-ports.ts';
import { explainedMongodbConnection, type MongodbConnection, openMongodbConnection } from './mongodb-connection.ts';
import type { MongodbOptions } from './mongodb-options.ts';
import { readMongodbFailure } from './read-mongodb-failure.ts';
import { verifyMongoArchive } from './verify-mongo-archive.ts';

const extension = 'archive';
const everything = 'all-databases.archive';
const folder = 'databases/';
/** How the operation log is called in an archive: it belongs to no database. */
const oplogName = '.oplog';
const oplogProblem = {
  blocking: false,
  code: 'source-incomplete',
  message: 'What is written during the dump is in it in part: the collections are as of different moments',
  hint: 'Take all databases of a member of a replica set with its operation log (oplog), or let nothing write during the backup.',
} as const;

/** MongoDB, by mongodump and mongorestore of the host at the end of the chain. A pull gives one archive, or one for each chosen database. */
export class MongodbSource implements SourceDriver {
  readonly #options: MongodbOptions;
  readonly #clock: Clock;

  constructor(options: MongodbOptions, ports: SourcePorts = {}) {
    this.#options = options;
    this.#clock = ports.clock ?? systemClock;
  }

  get concurrency(): number {
    return this.#options.concurrency;
  }

  /** Signs in by dumping a collection that is not there. */
  async probe(host: Host, options: CallOptions = {}): Promise<SourceProbe> {
    const { databases, oplog } = this.#options;
    const version = await this.#version(host, 'mongodump', options);
    await using connection = await openMongodbConnection(host, this.#options, options);
    const command = connection.command('mongodump', ['--db=holdfast_probe', '--collection=nothing', '--archive=/dev/null']);
    const what = `Looking at the MongoDB server of ${host.description}`;
    await runTool(host, { command, program: 'mongodump', what, read: readMongodbFailure, otherwise: 'source-unreachable' }, options);
    const tls = this.#options.tls ?? defaultTls(this.#options.host);
    return {
      server: 'MongoDB',
      tools: [{ name: 'mongodump', version }],
      contents: (databases === 'all' ? [everything] : databases).map((name) => ({ name, sizeBytes: undefined, selected: true })),
      problems: [...(oplog ? [] : [oplogProblem]), ...(tls === 'unverified' ? [unprovenServer] : [])],
    };
  }

  async *pull(host: Host, options: CallOptions = {}): AsyncGenerator<SourceEntry> {
    const { databases, concurrency } = this.#options;
    await this.#version(host, 'mongodump', options);
    const slots = new Slots(concurrency);
    const nowNs = this.#clock.nowNs();
    if (databases === 'all') yield dumpEntry(everything, nowNs, (call) => this.#dump(host, undefined, slots, call));
    else {
      for (const name of new Set(databases)) {
        yield dumpEntry(`${folder}${entryName(name, extension)}`, nowNs, (call) => this.#dump(host, name, slots, call));
      }
    }
  }

  /** Nothing but the server's own shell could tell what is there, so a restore must be told that it may replace it. */
  async push(host: Host, entries: AsyncIterable<RestoreEntry>, options: PushOptions = {}): Promise<PushReport> {
    if (options.existing !== 'replace') throw mustReplace();
    const call = { signal: options.signal, timeoutMs: options.timeoutMs };
    const restored: { path: string; as: string }[] = [];
    await this.#version(host, 'mongorestore', call);
    await using connection = await openMongodbConnection(host, this.#options, call);
    for (const [path, entry] of await collectEntries(entries)) {
      const name = path === everything ? undefined : databaseOfEntry(path.slice(folder.length), extension);
      const target = name === undefined ? undefined : renamed(options, name);
      const what = `The archive ${path}`;
      // No transaction is around it: all of it is read before any of it is restored.
      await readToEnd(verifyMongoArchive(entry.open(call), what));
      const command = restoreCommand(connection, this.#options.oplog && name === undefined, name, target);
      const stdin = verifyMongoArchive(entry.open(call), what);
      const doing = `Restoring ${path} on ${host.description}`;
      const run = {
        command,
        program: 'mongorestore',
        what: doing,
        read: readMongodbFailure,
        stdin,
        otherwise: 'target-unwritable',
      } as const;
      await runTool(host, run, call);
      restored.push({ path, as: target ?? path });
    }
    return { restored, notes: [] };
  }

  explain(host: Host): { readonly pull: readonly ExplainedCommand[]; readonly push: readonly ExplainedCommand[] } {
    const connection = explainedMongodbConnection(this.#options);
    const { databases, oplog } = this.#options;
    const names = databases === 'all' ? [undefined] : databases;
    return {
      pull: names.map((name) => host.explain(dumpCommand(connection, oplog, name))),
      push: names.map((name) => host.explain(restoreCommand(connection, oplog && name === undefined, name, name))),
    };
  }

  async #version(host: Host, program: string, options: CallOptions): Promise<string> {
    const { toolFolder, runAs } = this.#options;
    return await toolVersion(host, { argv: [toolPath(toolFolder, program), '--version'], user: runAs }, program, options);
  }

  async *#dump(host: Host, name: string | undefined, slots: Slots, call: CallOptions = {}): AsyncGenerator<Uint8Array> {
    using _slot = await slots.take(call.signal);
    await using connection = await openMongodbConnection(host, this.#options, call);
    const { oplog } = this.#options;
    const what = name === undefined ? 'The dump of all databases' : `The dump of the database ${JSON.stringify(name)}`;
    const command = dumpCommand(connection, oplog, name);
    const bytes = dumpStream(host, { command, program: 'mongodump', what, read: readMongodbFailure }, call);
    yield* verifyMongoArchive(bytes, what, oplog ? [oplogName] : []);
  }
}

function dumpCommand(connection: MongodbConnection, oplog: boolean, database: string | undefined): Command {
  const what = database === undefined ? (oplog ? ['--oplog'] : []) : [`--db=${database}`];
  return connection.command('mongodump', ['--archive', '--readPreference=secondaryPreferred', ...what]);
}

function restoreCommand(connection: MongodbConnection, oplog: boolean, from: string | undefined, to: string | undefined): Command {
  const names = from === undefined ? [] : [`--nsInclude=${from}.*`];
  const rename = from === undefined || to === undefined || from === to ? [] : [`--nsFrom=${from}.*`, `--nsTo=${to}.*`];
  return connection.command('mongorestore', [
    '--archive',
    '--stopOnError',
    '--drop',
    ...(oplog ? ['--oplogReplay'] : []),
    ...names,
    ...rename,
  ]);
}

function mustReplace(): CodedError {
  return new CodedError({
    code: 'invalid-argument',
    message: 'A restore of MongoDB replaces the collections that are there, and must be told that it may (replace)',
    hint: 'Restore under another name to leave what is there alone. Nothing was changed.',
  });
}
