export { AbsolutePath } from './absolute-path.ts';
export { ApiToken, User } from './api/account.ts';
export { api, apiPath } from './api/api.ts';
export { type ApiClient, apiRoutes } from './api/api-client.ts';
export { Backup } from './api/backups.ts';
export { Delivery, TelegramSettings } from './api/notifications.ts';
export { AuditEntry, Change, Overview } from './api/overview.ts';
export { LogEntry, RunDetails, RunSummary } from './api/runs.ts';
export { RetentionVerdict, SnapshotEntry, StoredSnapshot } from './api/snapshots.ts';
export { MaintenancePlan, StorageServer, StorageStatus } from './api/storage-servers.ts';
export { BackupConfig } from './backup-config.ts';
export { Compression } from './compression.ts';
export { DisplayName } from './display-name.ts';
export { Id, SnapshotId } from './id.ts';
export { EpochMs, TimeZone } from './instant.ts';
export { Notice } from './notice.ts';
export { ReportedError } from './reported-error.ts';
export { RepositoryAccess } from './repository-access.ts';
export { RetentionPolicy } from './retention-policy.ts';
export { LogLevel, RunEvent, RunLogLine, RunProgress } from './run-event.ts';
export { BackupPlan, CheckPlan, ForgetPlan, MeasurePlan, PrunePlan, RestorePlan, RunPlan } from './run-plan.ts';
export {
  BackupReport,
  CheckReport,
  DestinationReport,
  ForgetReport,
  ItemProblem,
  MeasureReport,
  mostItems,
  PruneReport,
  RestoreReport,
  RunReport,
} from './run-report.ts';
export { Health, RunKind, RunOutcome, RunState, RunTrigger } from './run-states.ts';
export { FromRunner, ToRunner } from './runner-message.ts';
export { Schedule } from './schedule.ts';
export { Source } from './source.ts';
export { StorageOptions, StorageSecrets } from './storage-options.ts';
export { storagePlace } from './storage-place.ts';
export { TelegramChat, TelegramToken } from './telegram-options.ts';
