import type { Host } from '@holdfast/connect/port';
import { CodedError } from '@holdfast/kernel';
import { defaultTls, majorVersion } from '../option-types.ts';
import type { SourceProbe } from '../port.ts';
import { blockingProblem, selectionProblems, unprovenServer } from '../probe-problems.ts';
import { toolTooOld } from '../source-errors.ts';
import type { ServerFacts } from './database-facts.ts';
import type { PostgresOptions } from './postgres-options.ts';
import { selectPostgresDatabases } from './select-postgres-databases.ts';

type Problem = SourceProbe['problems'][number];

/** What would make a pull fail, and what is weak, as far as it shows without dumping. */
export function postgresProblems(host: Host, options: PostgresOptions, facts: ServerFacts, program: string): readonly Problem[] {
  const selection = selectPostgresDatabases(facts, options);
  const closed = facts.databases.filter(({ name, mayConnect }) => selection.taken.includes(name) && !mayConnect);
  return [
    ...(isTooOld(program, facts) ? [blockingProblem(toolTooOld('pg_dump', program, `PostgreSQL ${facts.version}`, host.description))] : []),
    ...selectionProblems(selection, `the PostgreSQL server of ${host.description}`),
    ...closed.map(({ name }) => blockingProblem(mayNotConnect(name, facts.role))),
    ...(facts.isSuperuser || facts.readsAllData ? [] : [mayNotReadAll(facts.role)]),
    ...(options.roles && !facts.isSuperuser ? [noPasswords] : []),
    ...((options.tls ?? defaultTls(options.host)) === 'unverified' ? [unprovenServer] : []),
  ];
}

/** A program older than the server would leave out what it does not know. */
export function isTooOld(program: string, facts: ServerFacts): boolean {
  const major = majorVersion(program);
  return major === undefined || major < Math.floor(facts.versionNumber / 10_000);
}

const noPasswords: Problem = {
  blocking: false,
  code: 'source-denied',
  message: 'The passwords of the roles are not in the backup, because only a superuser may read them',
  hint: 'Sign in as a superuser if they must be, or set them anew after a restore.',
};

function mayNotReadAll(role: string): Problem {
  return {
    blocking: false,
    code: 'source-denied',
    message: `The role ${JSON.stringify(role)} may not read all data: a table that it may not read ends the dump of its database`,
    hint: 'As a superuser: GRANT pg_read_all_data TO the role (PostgreSQL 14 and later), or rights to each schema, table and sequence.',
  };
}

function mayNotConnect(database: string, role: string): CodedError {
  return new CodedError({
    code: 'source-denied',
    message: `The role ${JSON.stringify(role)} may not connect to the database ${JSON.stringify(database)}`,
    hint: 'As its owner: GRANT CONNECT ON DATABASE to the role.',
  });
}
