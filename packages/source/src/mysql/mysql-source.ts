import type { CallOptions, Command, ExplainedCommand, Host } from '@holdfast/connect/port';
import { type Clock, type RandomSource, systemClock, systemRandom } from '@holdfast/kernel';
import { dumpEntry } from '../dump-entry.ts';
import { dumpStream } from '../dump-stream.ts';
import { entryName } from '../entry-name.ts';
import { manifestEntry } from '../manifest.ts';
import type { PushOptions, PushReport, RestoreEntry, SourceDriver, SourceEntry, SourceProbe } from '../port.ts';
import { requireAll, selectDatabases } from '../select-databases.ts';
import { Slots } from '../slots.ts';
import { toolTooOld } from '../source-errors.ts';
import type { SourcePorts } from '../source-ports.ts';
import { explainedMysqlConnection, type MysqlConnection, openMysqlConnection } from './mysql-connection.ts';
import { type MysqlFacts, readMysqlFacts } from './mysql-facts.ts';
import { databaseFolder, dumpExtension, mysqlManifest } from './mysql-manifest.ts';
import type { MysqlOptions } from './mysql-options.ts';
import { isTooOld, mysqlProblems } from './mysql-problems.ts';
import { findMysqlTools, type MysqlTools } from './mysql-tools.ts';
import { pushMysql } from './push-mysql.ts';
import { readMysqlFailure } from './read-mysql-failure.ts';
import { restoreParameters } from './restore-mysql-database.ts';
import { verifyMysqlDump } from './verify-mysql-dump.ts';

/** MySQL or MariaDB, by the programs of the host at the end of the chain. A pull gives `about.json` and a dump in SQL for each database. */
export class MysqlSource implements SourceDriver {
  readonly #options: MysqlOptions;
  readonly #clock: Clock;
  readonly #random: RandomSource;

  constructor(options: MysqlOptions, ports: SourcePorts = {}) {
    this.#options = options;
    this.#clock = ports.clock ?? systemClock;
    this.#random = ports.random ?? systemRandom;
  }

  get concurrency(): number {
    return this.#options.concurrency;
  }

  async probe(host: Host, options: CallOptions = {}): Promise<SourceProbe> {
    const { facts, tools } = await this.#look(host, options);
    const { taken } = this.#select(facts);
    return {
      server: `${facts.vendor === 'mariadb' ? 'MariaDB' : 'MySQL'} ${facts.version}`,
      tools: [{ name: tools.dump, version: tools.version }],
      contents: facts.databases.map(({ name, sizeBytes }) => ({ name, sizeBytes, selected: taken.includes(name) })),
      problems: mysqlProblems(host, this.#options, facts, tools),
    };
  }

  async *pull(host: Host, options: CallOptions = {}): AsyncGenerator<SourceEntry> {
    const { facts, tools } = await this.#look(host, options);
    const databases = requireAll(this.#select(facts), `the MySQL server of ${host.description}`);
    if (isTooOld(tools, facts)) throw toolTooOld(tools.dump, tools.version, `the server (${facts.version})`, host.description);
    const nowNs = this.#clock.nowNs();
    const slots = new Slots(this.#options.concurrency);
    yield manifestEntry(mysqlManifest(facts, tools.version, databases), nowNs);
    for (const name of databases) {
      const path = `${databaseFolder}${entryName(name, dumpExtension)}`;
      yield dumpEntry(path, nowNs, (call) => this.#dump(host, tools, name, slots, call));
    }
  }

  async push(host: Host, entries: AsyncIterable<RestoreEntry>, options: PushOptions = {}): Promise<PushReport> {
    return await pushMysql(host, entries, this.#options, options, this.#random);
  }

  explain(host: Host): { readonly pull: readonly ExplainedCommand[]; readonly push: readonly ExplainedCommand[] } {
    const connection = explainedMysqlConnection(this.#options);
    const named = this.#options.databases === 'all' ? ['…'] : this.#options.databases;
    return {
      pull: named.map((name) => host.explain(dumpCommand(connection, name))),
      push: named.map((name) => host.explain(connection.command('client', restoreParameters(name)))),
    };
  }

  #select(facts: MysqlFacts): ReturnType<typeof selectDatabases> {
    return selectDatabases(
      this.#options,
      facts.databases.map(({ name }) => name),
    );
  }

  async #look(host: Host, options: CallOptions): Promise<{ readonly facts: MysqlFacts; readonly tools: MysqlTools }> {
    const tools = await findMysqlTools(host, this.#options, options);
    await using connection = await openMysqlConnection(host, this.#options, tools, options);
    return { facts: await readMysqlFacts(host, connection, options), tools };
  }

  async *#dump(host: Host, tools: MysqlTools, name: string, slots: Slots, call: CallOptions = {}): AsyncGenerator<Uint8Array> {
    using _slot = await slots.take(call.signal);
    await using connection = await openMysqlConnection(host, this.#options, tools, call);
    const what = `The dump of the database ${JSON.stringify(name)}`;
    const command = dumpCommand(connection, name);
    yield* verifyMysqlDump(dumpStream(host, { command, program: tools.dump, what, read: readMysqlFailure }, call), what);
  }
}

/** Everything of one database as of one instant, without the statement that makes the database, so that it can get another name. */
function dumpCommand(connection: MysqlConnection, name: string): Command {
  return connection.command('dump', [
    '--single-transaction',
    '--quick',
    '--routines',
    '--events',
    '--triggers',
    '--hex-blob',
    '--no-tablespaces',
    // The last line is the proof that the dump is whole, and without a date it is the same every time.
    '--comments',
    '--skip-dump-date',
    '--max-allowed-packet=1G',
    // Long statements: where one ends, all that follows moves when a row is put in before, and looks new.
    '--net-buffer-length=4M',
    ...(connection.tools.vendor === 'mysql' ? ['--set-gtid-purged=OFF', '--column-statistics=0'] : []),
    '--',
    name,
  ]);
}
