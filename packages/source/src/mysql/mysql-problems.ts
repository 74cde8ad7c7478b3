import type { Host } from '@holdfast/connect/port';
import { defaultTls } from '../option-types.ts';
import type { SourceProbe } from '../port.ts';
import { blockingProblem, selectionProblems, unprovenServer } from '../probe-problems.ts';
import { selectDatabases } from '../select-databases.ts';
import { toolTooOld } from '../source-errors.ts';
import type { MysqlFacts } from './mysql-facts.ts';
import type { MysqlOptions } from './mysql-options.ts';
import { type MysqlTools, mysqlVersion } from './mysql-tools.ts';

type Problem = SourceProbe['problems'][number];

/** What would make a pull fail, and what is weak, as far as it shows without dumping. */
export function mysqlProblems(host: Host, options: MysqlOptions, facts: MysqlFacts, tools: MysqlTools): readonly Problem[] {
  const names = facts.databases.map(({ name }) => name);
  const selection = selectDatabases(options, names);
  const unsteady = facts.databases.filter(({ name, unsteadyTables }) => selection.taken.includes(name) && unsteadyTables > 0);
  return [
    ...(isTooOld(tools, facts)
      ? [blockingProblem(toolTooOld(tools.dump, tools.version, `the server (${facts.version})`, host.description))]
      : []),
    ...selectionProblems(selection, `the MySQL server of ${host.description}`),
    ...(tools.vendor === facts.vendor ? [] : [otherVendor(tools)]),
    ...unsteady.map(({ name, unsteadyTables }) => notSteady(name, unsteadyTables)),
    ...((options.tls ?? defaultTls(options.host)) === 'unverified' ? [unprovenServer] : []),
  ];
}

/** A program of the same vendor that is older than the server would leave out what it does not know. */
export function isTooOld(tools: MysqlTools, facts: MysqlFacts): boolean {
  const program = mysqlVersion(tools.version);
  const server = mysqlVersion(facts.version);
  if (program === undefined || server === undefined || tools.vendor !== facts.vendor) return false;
  return program[0] < server[0] || (program[0] === server[0] && program[1] < server[1]);
}

function otherVendor(tools: MysqlTools): Problem {
  return {
    blocking: false,
    code: 'tool-too-old',
    message: `${tools.dump} on the host is of another vendor than the server: it may not know all that the server has`,
    hint: "Name the folder (toolFolder) of the server's own programs, or its own container.",
  };
}

function notSteady(name: string, tables: number): Problem {
  return {
    blocking: false,
    code: 'source-incomplete',
    message: `${tables} tables of the database ${JSON.stringify(name)} take no part in transactions: if they change during a dump, it has them as of another moment`,
    hint: 'Change their engine to InnoDB, or let nothing write to them during the backup.',
  };
}
