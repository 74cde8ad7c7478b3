export { AbsolutePath } from './absolute-path.ts';
export { ApiToken, User } from './api/account.ts';
export { api, apiPath } from './api/api.ts';
export { type ApiClient, apiRoutes } from './api/api-client.ts';
export { Backup, ExplainedCommand, SourceFindings } from './api/backups.ts';
export { ChainVerdict, Connection } from './api/connections.ts';
export { Delivery, TelegramSettings } from './api/notifications.ts';
export { AuditEntry, Change, Overview } from './api/overview.ts';
export { LogEntry, RunDetails, RunSummary } from './api/runs.ts';
export { RetentionVerdict, SnapshotEntry, StoredSnapshot } from './api/snapshots.ts';
export { MaintenancePlan, StorageServer, StorageStatus } from './api/storage-servers.ts';
export { BackupConfig } from './backup-config.ts';
export { Compression } from './compression.ts';
export {
  ChainLink,
  ConnectionOptions,
  ConnectionSecrets,
  ContainerChoice,
  DockerOptions,
  SecretName,
  SshOptions,
} from './connection-options.ts';
export { DisplayName } from './display-name.ts';
export { Hook } from './hook.ts';
export { Id, SnapshotId } from './id.ts';
export { EpochMs, TimeZone } from './instant.ts';
export { Notice } from './notice.ts';
export { ReportedError } from './reported-error.ts';
export { RepositoryAccess } from './repository-access.ts';
export { RetentionPolicy } from './retention-policy.ts';
export { LogLevel, RunEvent, RunLogLine, RunProgress } from './run-event.ts';
export { BackupPlan, CheckPlan, ForgetPlan, MeasurePlan, PrunePlan, PushPlan, RestorePlan, RunPlan } from './run-plan.ts';
export {
  BackupReport,
  CheckReport,
  DestinationReport,
  ForgetReport,
  ItemProblem,
  MeasureReport,
  mostItems,
  PruneReport,
  PushReport,
  RestoreReport,
  RunReport,
} from './run-report.ts';
export { Health, RunKind, RunOutcome, RunState, RunTrigger } from './run-states.ts';
export { FromRunner, ToRunner } from './runner-message.ts';
export { Schedule } from './schedule.ts';
export { type DockerVolumeSource, type DumpSource, type FilesSource, Source, SourcePassword } from './source.ts';
export { StorageOptions, StorageSecrets } from './storage-options.ts';
export { storagePlace } from './storage-place.ts';
export { TelegramChat, TelegramToken } from './telegram-options.ts';
