/**
 * The tables of Holdfast, as Kysely sees them: the same on SQLite and on PostgreSQL. Booleans are 0 and 1, times are milliseconds since
 * 1970, JSON is text, secrets are sealed text. Names of columns say units.
 */
export interface Schema {
  connection: ConnectionTable;
  storage_server: StorageServerTable;
  backup: BackupTable;
  backup_version: BackupVersionTable;
  backup_destination: BackupDestinationTable;
  backup_connection: BackupConnectionTable;
  run: RunTable;
  run_log: RunLogTable;
  snapshot: SnapshotTable;
  notice: NoticeTable;
  setting: SettingTable;
  api_token: ApiTokenTable;
  audit: AuditTable;
}

export interface ConnectionTable {
  id: string;
  name: string;
  /** ConnectionOptions as JSON. */
  options: string;
  /** ConnectionSecrets as JSON, sealed. */
  secrets: string;
  /** Which there are, as JSON. */
  secret_names: string;
  created_ms: number;
}

export interface StorageServerTable {
  id: string;
  name: string;
  /** StorageOptions as JSON. */
  options: string;
  /** Sealed. */
  password: string;
  /** StorageSecrets as JSON, sealed; null where there are none. */
  secrets: string | null;
  repository_id: string;
  /** MaintenancePlan as JSON. */
  maintenance: string;
  created_ms: number;
  recovery_key_taken_ms: number | null;
  /** StorageStatus as JSON. */
  status: string;
}

export interface BackupTable {
  id: string;
  name: string;
  /** The version in force. */
  version: number;
  paused: number;
  created_ms: number;
  /** Up to when its schedule has been turned into runs. */
  scheduled_until_ms: number;
  /** Runs that ended otherwise than succeeded, in a row, and whether people were told: what `recovered` is computed from. */
  failures_in_row: number;
  /** Sealed. Null where its source needs none. */
  source_password: string | null;
}

export interface BackupVersionTable {
  backup_id: string;
  version: number;
  /** BackupConfig as JSON. */
  config: string;
  changed_ms: number;
  changed_by: string;
}

/** The storage servers of the version in force. A storage server that a backup uses cannot be removed. */
export interface BackupDestinationTable {
  backup_id: string;
  storage_server_id: string;
}

/** The connections that the chain of the version in force goes over. One that a backup uses cannot be removed. */
export interface BackupConnectionTable {
  backup_id: string;
  connection_id: string;
}

/** The truth about runs. A run is claimed by a conditional update and held by a lease; `fence` grows with each claim. */
export interface RunTable {
  id: string;
  kind: string;
  title: string;
  /** Null when its backup was removed since. */
  backup_id: string | null;
  /** For restore, check, prune and retention. */
  storage_server_id: string | null;
  config_version: number | null;
  trigger: string;
  /** What a run of this kind needs besides its backup's configuration, as JSON: a restore's request, a check's share. */
  request: string;
  state: string;
  outcome: string | null;
  attempt: number;
  /** Unique together with backup_id for runs by schedule: two schedulers cannot double one. */
  fire_ms: number | null;
  due_ms: number;
  not_before_ms: number;
  started_ms: number | null;
  ended_ms: number | null;
  worker: string | null;
  lease_until_ms: number | null;
  fence: number;
  cancel_requested: number;
  /** Times the schedule fired while nobody could start it, told by this run. */
  missed_count: number;
  progress: string | null;
  report: string | null;
  reasons: string | null;
  error: string | null;
  files: number | null;
  bytes: number | null;
  added_bytes: number | null;
  item_count: number;
}

export interface RunLogTable {
  run_id: string;
  seq: number;
  at_ms: number;
  level: string;
  text: string;
}

export interface SnapshotTable {
  id: string;
  snapshot_id: string;
  storage_server_id: string;
  backup_id: string | null;
  run_id: string | null;
  time_ms: number;
  files: number | null;
  bytes: number | null;
  added_bytes: number | null;
  complete: number;
  pinned: number;
}

/** What people are to be told, and how far that is. Written in the transaction of the event itself. */
export interface NoticeTable {
  id: string;
  /** The sender it goes by: `telegram`. */
  sender: string;
  /** Notice as JSON. */
  body: string;
  state: string;
  attempts: number;
  created_ms: number;
  next_attempt_ms: number | null;
  delivered_ms: number | null;
  error: string | null;
}

/** Settings by key, as JSON; a secret in them is sealed. */
export interface SettingTable {
  key: string;
  value: string;
}

export interface ApiTokenTable {
  id: string;
  user_id: string;
  name: string;
  scope: string;
  /** SHA-256 of the token, hexadecimal. */
  hash: string;
  created_ms: number;
  expires_ms: number;
  last_used_ms: number | null;
}

export interface AuditTable {
  id: string;
  at_ms: number;
  actor: string;
  verb: string;
  object: string;
  details: string;
  request_id: string;
}
