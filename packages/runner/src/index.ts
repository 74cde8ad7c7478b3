export { childEnvironment } from './child/child-environment.ts';
export { type ExecuteInChildOptions, executeInChild } from './child/execute-in-child.ts';
export type { RunEnd } from './child/run-end.ts';
export { type ExecuteOptions, executePlan, failedReport } from './plan/execute-plan.ts';
export { reportedError } from './plan/reported-error.ts';
export { openStorage, type StorageOpener, type StorageSettings } from './vault/open-storage.ts';
export { type OpenVaultOptions, openVault, type Vault } from './vault/open-vault.ts';
