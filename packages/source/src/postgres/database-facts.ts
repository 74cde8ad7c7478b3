import { z } from 'zod';

/** What a dump does not hold of its database, as the catalogue has it: enough to make it again. */
export const DatabaseFacts = z.object({
  name: z.string(),
  owner: z.string(),
  encoding: z.string(),
  /** The row of pg_database, whose columns differ between versions. */
  row: z.object({
    datcollate: z.string().nullish(),
    datctype: z.string().nullish(),
    /** c: of the system's library, i: ICU, b: built in. Absent before 15. */
    datlocprovider: z.string().nullish(),
    /** 15 and 16. */
    daticulocale: z.string().nullish(),
    /** 17 and later. */
    datlocale: z.string().nullish(),
    daticurules: z.string().nullish(),
    datconnlimit: z.number(),
  }),
  comment: z.string().nullable(),
  /** Null: the rights that every new database has. A privilege is a keyword of SQL. */
  grants: z
    .array(z.object({ grantee: z.string().nullable(), privilege: z.string().regex(/^[A-Z][A-Z ]*$/), grantable: z.boolean() }))
    .nullable(),
  /** `name=value`, for the database as a whole (role null) or for a role in it. */
  settings: z.array(z.object({ role: z.string().nullable(), values: z.array(z.string()) })),
});
export type DatabaseFacts = z.output<typeof DatabaseFacts>;

const ListedDatabase = DatabaseFacts.extend({
  allowsConnections: z.boolean(),
  isTemplate: z.boolean(),
  mayConnect: z.boolean(),
  sizeBytes: z.number().nullable(),
});
export type ListedDatabase = z.output<typeof ListedDatabase>;

/** What is known of a server before anything is read. */
export const ServerFacts = z.object({
  version: z.string(),
  versionNumber: z.int(),
  role: z.string(),
  isSuperuser: z.boolean(),
  readsAllData: z.boolean(),
  databases: z.array(ListedDatabase),
});
export type ServerFacts = z.output<typeof ServerFacts>;

/** One line of JSON in the shape of ServerFacts. Needs no right but to connect. */
export const serverFactsQuery = `SELECT json_build_object(
  'version', current_setting('server_version'),
  'versionNumber', current_setting('server_version_num')::int,
  'role', current_user,
  'isSuperuser', (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user),
  'readsAllData', coalesce((SELECT pg_catalog.pg_has_role(current_user, oid, 'USAGE') FROM pg_catalog.pg_roles WHERE rolname = 'pg_read_all_data'), false),
  'databases', (SELECT json_agg(json_build_object(
    'name', d.datname,
    'owner', pg_catalog.pg_get_userbyid(d.datdba),
    'encoding', pg_catalog.pg_encoding_to_char(d.encoding),
    'row', to_json(d),
    'comment', pg_catalog.shobj_description(d.oid, 'pg_database'),
    'grants', CASE WHEN d.datacl IS NULL THEN NULL ELSE (SELECT coalesce(json_agg(json_build_object(
        'grantee', CASE a.grantee WHEN 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(a.grantee) END,
        'privilege', a.privilege_type, 'grantable', a.is_grantable)), '[]')
      FROM pg_catalog.aclexplode(d.datacl) a) END,
    'settings', (SELECT coalesce(json_agg(json_build_object(
        'role', CASE s.setrole WHEN 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(s.setrole) END,
        'values', to_json(s.setconfig)) ORDER BY s.setrole), '[]')
      FROM pg_catalog.pg_db_role_setting s WHERE s.setdatabase = d.oid),
    'allowsConnections', d.datallowconn,
    'isTemplate', d.datistemplate,
    'mayConnect', pg_catalog.has_database_privilege(d.oid, 'CONNECT'),
    'sizeBytes', CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT') THEN pg_catalog.pg_database_size(d.oid) END
  ) ORDER BY d.datname) FROM pg_catalog.pg_database d));
`;
