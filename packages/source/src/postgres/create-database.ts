import type { DatabaseFacts } from './database-facts.ts';
import { identifier, literal } from './run-sql.ts';

/** Settings whose value is a list of names: the catalogue has it as it was written, and a single text would be a list of one. */
const listSettings = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]);

/** SQL that makes an empty database of that name with the encoding, the collation and the limit that the facts have. */
export function createDatabaseSql(name: string, facts: DatabaseFacts): string {
  const { row, encoding } = facts;
  const locale = row.datlocale ?? row.daticulocale;
  const parts = [
    `CREATE DATABASE ${identifier(name)} WITH TEMPLATE = template0`,
    `ENCODING = ${literal(encoding)}`,
    ...(row.datcollate == null ? [] : [`LC_COLLATE = ${literal(row.datcollate)}`]),
    ...(row.datctype == null ? [] : [`LC_CTYPE = ${literal(row.datctype)}`]),
    ...(row.datlocprovider === 'i' ? ['LOCALE_PROVIDER = icu', ...(locale == null ? [] : [`ICU_LOCALE = ${literal(locale)}`])] : []),
    ...(row.datlocprovider === 'b'
      ? ['LOCALE_PROVIDER = builtin', ...(locale == null ? [] : [`BUILTIN_LOCALE = ${literal(locale)}`])]
      : []),
    ...(row.daticurules == null ? [] : [`ICU_RULES = ${literal(row.daticurules)}`]),
  ];
  return `${parts.join(' ')};\n`;
}

/** SQL that gives the database its owner: one that the server does not have is an error of its own statement. */
export function ownerSql(name: string, facts: DatabaseFacts): string {
  return `ALTER DATABASE ${identifier(name)} OWNER TO ${identifier(facts.owner)};\n`;
}

/** SQL for what else belongs to the database as such: connection limit, comment, rights, settings. One statement an item. */
export function databaseDetailsSql(name: string, facts: DatabaseFacts): readonly string[] {
  const database = identifier(name);
  return [
    ...(facts.row.datconnlimit === -1 ? [] : [`ALTER DATABASE ${database} CONNECTION LIMIT ${facts.row.datconnlimit};\n`]),
    ...(facts.comment === null ? [] : [`COMMENT ON DATABASE ${database} IS ${literal(facts.comment)};\n`]),
    ...(facts.grants === null ? [] : grantsSql(database, facts.owner, facts.grants)),
    ...facts.settings.flatMap(({ role, values }) => values.map((value) => settingSql(database, role, value))),
  ];
}

function grantsSql(database: string, owner: string, grants: NonNullable<DatabaseFacts['grants']>): string[] {
  return [
    `REVOKE ALL ON DATABASE ${database} FROM PUBLIC, ${identifier(owner)};\n`,
    ...grants.map(({ grantee, privilege, grantable }) => {
      const to = grantee === null ? 'PUBLIC' : identifier(grantee);
      return `GRANT ${privilege} ON DATABASE ${database} TO ${to}${grantable ? ' WITH GRANT OPTION' : ''};\n`;
    }),
  ];
}

function settingSql(database: string, role: string | null, setting: string): string {
  const [name = '', ...rest] = setting.split('=');
  const value = rest.join('=');
  const target = role === null ? `DATABASE ${database}` : `ROLE ${identifier(role)} IN DATABASE ${database}`;
  const values = listSettings.has(name.toLowerCase()) ? listOfNames(value).map(literal).join(', ') : literal(value);
  // Extensions have settings with a dot between two names.
  return `ALTER ${target} SET ${name.split('.').map(identifier).join('.')} TO ${values === '' ? "''" : values};\n`;
}

/** The names of a list such as `"$user", public`. */
function listOfNames(list: string): string[] {
  return Array.from(list.matchAll(/"((?:[^"]|"")*)"|([^,\s"]+)/g), ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}
