import { hostname } from 'node:os';
import {
  type ControlContext,
  type Executor,
  InProcessWaker,
  openPgBossWaker,
  RunDispatcher,
  type RunWaker,
  reapDeadRuns,
} from '@holdfast/control';
import { toHex } from '@holdfast/kernel';
import type { Logger } from './logger.ts';

/** Heap of a run's main thread; its packs and its index lie outside of it. */
const memoryLimitMebibytes = 2048;

export interface RunWorkerOptions {
  readonly databaseUrl: string | undefined;
  readonly logger: Logger;
  /** Nobody else can have this database, so whatever is running in it was ours and is dead. */
  readonly isAlone: boolean;
}

export interface RunWorker {
  readonly dispatcher: RunDispatcher;
  readonly waker: RunWaker;
}

/** Wakes workers: in this process, or those of all processes at one PostgreSQL. */
export async function openWaker(context: ControlContext, databaseUrl: string | undefined, logger: Logger): Promise<RunWaker> {
  if (databaseUrl === undefined) return new InProcessWaker(context.clock);
  return await openPgBossWaker({ databaseUrl, clock: context.clock, onFault: (error) => logger.warn({ err: error }, 'waking workers') });
}

/** The worker of this process, not started yet. */
export async function makeDispatcher(
  context: ControlContext,
  waker: RunWaker,
  { logger, isAlone }: RunWorkerOptions,
): Promise<RunDispatcher> {
  const worker = { host: hostname(), name: `${process.pid}-${toHex(context.random.bytes(4))}` };
  if (isAlone) {
    const ended = await reapDeadRuns(context, () => true);
    if (ended.length > 0) logger.warn({ runs: ended }, 'runs of a process that is gone were ended as interrupted');
  }
  return new RunDispatcher(context, {
    executor: childExecutor,
    waker,
    worker,
    monotonicMs: () => performance.now(),
    onFault: (error) => logger.error({ err: error }, 'runs'),
  });
}

const childExecutor: Executor = {
  execute: async (plan, options) => {
    // Not before it is needed: an idle server does without all that a run is made of.
    const { executeInChild } = await import('@holdfast/runner');
    return await executeInChild(plan, { ...options, memoryLimitMebibytes });
  },
};
