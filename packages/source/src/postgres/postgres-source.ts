import type { CallOptions, Command, ExplainedCommand, Host } from '@holdfast/connect/port';
import { type Clock, type RandomSource, systemClock, systemRandom } from '@holdfast/kernel';
import { dumpEntry } from '../dump-entry.ts';
import { dumpStream } from '../dump-stream.ts';
import { entryName } from '../entry-name.ts';
import { manifestEntry } from '../manifest.ts';
import { toolPath } from '../option-types.ts';
import type { PushReport, RestoreEntry, SourceDriver, SourceEntry, SourceProbe } from '../port.ts';
import { toolVersion } from '../run-tool.ts';
import { requireAll } from '../select-databases.ts';
import { Slots } from '../slots.ts';
import { toolTooOld } from '../source-errors.ts';
import type { SourcePorts } from '../source-ports.ts';
import type { ServerFacts } from './database-facts.ts';
import { explainedPostgresConnection, openPostgresConnection, type PostgresConnection } from './postgres-connection.ts';
import { databaseFolder, dumpExtension, postgresManifest, rolesPath } from './postgres-manifest.ts';
import type { PostgresOptions, PostgresPushOptions } from './postgres-options.ts';
import { isTooOld, postgresProblems } from './postgres-problems.ts';
import { pushPostgres } from './push-postgres.ts';
import { readPostgresFailure } from './read-postgres-failure.ts';
import { readServerFacts, strictPsql } from './run-sql.ts';
import { selectPostgresDatabases } from './select-postgres-databases.ts';
import { verifyCustomArchive } from './verify-custom-archive.ts';
import { verifySqlDump } from './verify-sql-dump.ts';

/**
 * PostgreSQL, by the programs of the host at the end of the chain. A pull gives `about.json`, `roles.sql` and a dump for each database; each
 * dump is as of one instant.
 */
export class PostgresSource implements SourceDriver {
  readonly #options: PostgresOptions;
  readonly #clock: Clock;
  readonly #random: RandomSource;

  constructor(options: PostgresOptions, ports: SourcePorts = {}) {
    this.#options = options;
    this.#clock = ports.clock ?? systemClock;
    this.#random = ports.random ?? systemRandom;
  }

  get concurrency(): number {
    return this.#options.concurrency;
  }

  async probe(host: Host, options: CallOptions = {}): Promise<SourceProbe> {
    const { facts, program } = await this.#look(host, options);
    const { taken } = selectPostgresDatabases(facts, this.#options);
    return {
      server: `PostgreSQL ${facts.version}`,
      tools: [{ name: 'pg_dump', version: program }],
      contents: facts.databases.map(({ name, sizeBytes }) => ({ name, sizeBytes: sizeBytes ?? undefined, selected: taken.includes(name) })),
      problems: postgresProblems(host, this.#options, facts, program),
    };
  }

  async *pull(host: Host, options: CallOptions = {}): AsyncGenerator<SourceEntry> {
    const { facts, program } = await this.#look(host, options);
    const databases = requireAll(selectPostgresDatabases(facts, this.#options), `the PostgreSQL server of ${host.description}`);
    // A program older than the server would leave out what it does not know.
    if (isTooOld(program, facts)) throw toolTooOld('pg_dump', program, `PostgreSQL ${facts.version}`, host.description);
    const { format, roles, concurrency } = this.#options;
    const nowNs = this.#clock.nowNs();
    const slots = new Slots(concurrency);
    yield manifestEntry(postgresManifest(facts, program, format, databases), nowNs);
    if (roles) yield dumpEntry(rolesPath, nowNs, (call) => this.#dumpRoles(host, facts, slots, call));
    for (const name of databases) {
      const path = `${databaseFolder}${entryName(name, dumpExtension(format))}`;
      yield dumpEntry(path, nowNs, (call) => this.#dumpDatabase(host, name, slots, call));
    }
  }

  async push(host: Host, entries: AsyncIterable<RestoreEntry>, options: PostgresPushOptions = {}): Promise<PushReport> {
    return await pushPostgres(host, entries, this.#options, options, this.#random);
  }

  explain(host: Host): { readonly pull: readonly ExplainedCommand[]; readonly push: readonly ExplainedCommand[] } {
    const connection = explainedPostgresConnection(this.#options);
    const { databases, roles, format, maintenanceDatabase } = this.#options;
    const named = databases === 'all' ? ['…'] : databases;
    const pull = [
      connection.command('psql', [...strictPsql], maintenanceDatabase),
      ...(roles ? [this.#rolesCommand(connection, true)] : []),
      ...named.map((name) => this.#dumpCommand(connection, name)),
    ];
    const push = named.map((name) =>
      format === 'custom'
        ? connection.command('pg_restore', ['--exit-on-error'], name)
        : connection.command('psql', [...strictPsql, '--single-transaction'], name),
    );
    return { pull: pull.map((command) => host.explain(command)), push: push.map((command) => host.explain(command)) };
  }

  async #look(host: Host, options: CallOptions): Promise<{ readonly facts: ServerFacts; readonly program: string }> {
    const { toolFolder, runAs, maintenanceDatabase } = this.#options;
    const version = { argv: [toolPath(toolFolder, 'pg_dump'), '--version'], user: runAs };
    const program = await toolVersion(host, version, 'pg_dump', options);
    await using connection = await openPostgresConnection(host, this.#options, options);
    return { facts: await readServerFacts(host, connection, maintenanceDatabase, options), program };
  }

  async *#dumpDatabase(host: Host, name: string, slots: Slots, call: CallOptions = {}): AsyncGenerator<Uint8Array> {
    using _slot = await slots.take(call.signal);
    await using connection = await openPostgresConnection(host, this.#options, call);
    const what = `The dump of the database ${JSON.stringify(name)}`;
    const command = this.#dumpCommand(connection, name);
    const bytes = dumpStream(host, { command, program: 'pg_dump', what, read: readPostgresFailure }, call);
    yield* this.#options.format === 'custom' ? verifyCustomArchive(bytes, what) : verifySqlDump(bytes, what, 'database');
  }

  async *#dumpRoles(host: Host, facts: ServerFacts, slots: Slots, call: CallOptions = {}): AsyncGenerator<Uint8Array> {
    using _slot = await slots.take(call.signal);
    await using connection = await openPostgresConnection(host, this.#options, call);
    const what = 'The dump of the roles';
    const command = this.#rolesCommand(connection, facts.isSuperuser);
    yield* verifySqlDump(dumpStream(host, { command, program: 'pg_dumpall', what, read: readPostgresFailure }, call), what, 'cluster');
  }

  #dumpCommand(connection: PostgresConnection, name: string): Command {
    const { format, lockTimeoutSeconds } = this.#options;
    // Uncompressed, so that what did not change is the same bytes the next time.
    const form = format === 'custom' ? ['--format=custom', '--compress=0'] : ['--format=plain'];
    return connection.command('pg_dump', [...form, `--lock-wait-timeout=${lockTimeoutSeconds}s`], name);
  }

  #rolesCommand(connection: PostgresConnection, withPasswords: boolean): Command {
    const parameters = ['--globals-only', `--database=${this.#options.maintenanceDatabase}`];
    return connection.command('pg_dumpall', withPasswords ? parameters : [...parameters, '--no-role-passwords']);
  }
}
