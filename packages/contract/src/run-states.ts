import { z } from 'zod';

export const RunKind = z.enum(['backup', 'restore', 'check', 'prune', 'retention']);
export type RunKind = z.infer<typeof RunKind>;

export const RunState = z.enum(['queued', 'running', 'ended']);
export type RunState = z.infer<typeof RunState>;

/**
 * How a run ended. `partial`: some storage servers hold it, or some items were left out. `interrupted`: its process or its machine went
 * away. `missed`: it was due while nobody was there to start it.
 */
export const RunOutcome = z.enum(['succeeded', 'partial', 'failed', 'cancelled', 'interrupted', 'missed']);
export type RunOutcome = z.infer<typeof RunOutcome>;

export const RunTrigger = z.enum(['schedule', 'person', 'retry', 'catch-up', 'maintenance', 'after-backup']);
export type RunTrigger = z.infer<typeof RunTrigger>;

/** The state of a backup as a whole. `unproven`: it runs, but no restore or check has shown lately that it can be read. */
export const Health = z.enum(['healthy', 'warning', 'failing', 'overdue', 'unproven', 'paused', 'new']);
export type Health = z.infer<typeof Health>;
