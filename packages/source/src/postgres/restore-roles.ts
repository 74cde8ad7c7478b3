import type { CallOptions, Host } from '@holdfast/connect/port';
import { CodedError } from '@holdfast/kernel';
import { readText } from '../dump-entry.ts';
import type { RestoreEntry } from '../port.ts';
import { runTool } from '../run-tool.ts';
import type { PostgresConnection } from './postgres-connection.ts';
import { rolesPath } from './postgres-manifest.ts';
import { readPostgresFailure } from './read-postgres-failure.ts';
import { verifySqlDump } from './verify-sql-dump.ts';

const limitBytes = 64 * 1024 * 1024;
/** `psql:<stdin>:14: ERROR:  42710: role "a" already exists`: the five signs are the same in every language. */
const complaint = /^psql:[^\n]*?: [^\n:]+: {2}([0-9A-Z]{5}): ([^\n]*)$/gm;
const alreadyThere = '42710';
/** The directory of a tablespace is not there. */
const noSuchFile = '58P01';

/**
 * Makes the roles and tablespaces that are not there yet, and gives all of them the properties and passwords of the dump. A tablespace whose
 * directory is missing is a note; everything else that the server refuses is a failure, with what was done before it left as it is.
 */
export async function restoreRoles(
  host: Host,
  connection: PostgresConnection,
  entry: RestoreEntry,
  database: string,
  options: CallOptions,
): Promise<readonly string[]> {
  const what = `Restoring the roles on ${host.description}`;
  const tooLong = (): CodedError =>
    new CodedError({ code: 'restore-incomplete', message: `${rolesPath} is larger than any list of roles`, context: { limitBytes } });
  // All of it is read before any of it is run: there is no transaction around these statements.
  const proven = { ...entry, open: (call?: CallOptions) => verifySqlDump(entry.open(call), 'The dump of the roles', 'cluster') };
  const sql = await readText(proven, limitBytes, tooLong, options);
  const parameters = ['--no-psqlrc', '--quiet', '--set=VERBOSITY=verbose', '--output=/dev/null', '--file=-'];
  const command = connection.command('psql', parameters, database);
  const { stderr } = await runTool(
    host,
    { command, program: 'psql', what, read: readPostgresFailure, stdin: sql, otherwise: 'target-unwritable' },
    options,
  );
  const found = Array.from(stderr.matchAll(complaint), ([, code = '', text = '']) => ({ code, text }));
  const refused = found.filter(({ code }) => !/^0[0-2]/.test(code) && code !== alreadyThere && code !== noSuchFile);
  const [first] = refused;
  if (first !== undefined || /invalid command/.test(stderr)) {
    const reading = readPostgresFailure(first === undefined ? stderr : `ERROR:  ${first.text}`);
    throw new CodedError({
      code: reading?.code ?? 'target-unwritable',
      message: `${what} failed: ${refused.length} statements were refused; the first: ${first?.text ?? stderr.trim()}`,
      hint: reading?.hint ?? 'Give the role the right to make roles, or restore without them.',
    });
  }
  const there = found.filter(({ code }) => code === alreadyThere).length;
  const missing = found.filter(({ code }) => code === noSuchFile).map(({ text }) => `A tablespace was not made: ${text}`);
  return there === 0 ? missing : [`${there} roles or tablespaces were there already and got the properties of the dump`, ...missing];
}
