import type { Backup, StorageServer } from '@holdfast/contract';

export const steps = ['account', 'storage', 'key', 'backup', 'run'] as const;
export type Step = (typeof steps)[number];

export function isStep(value: unknown): value is Step {
  return steps.some((step) => step === value) && value !== 'account';
}

/** The first step that is not done yet. */
export function firstOpenStep(servers: readonly StorageServer[], backups: readonly Backup[]): Step {
  if (servers.length === 0) return 'storage';
  if (backups.length > 0) return 'run';
  return servers.some(({ recoveryKeyTakenMs }) => recoveryKeyTakenMs === null) ? 'key' : 'backup';
}
