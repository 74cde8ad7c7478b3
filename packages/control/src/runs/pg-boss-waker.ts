import type { Clock } from '@holdfast/kernel';
import { PgBoss } from 'pg-boss';
import { InProcessWaker } from './in-process-waker.ts';
import type { RunWaker } from './run-waker.ts';

const queue = 'holdfast-wake';

export interface PgBossWakerOptions {
  readonly databaseUrl: string;
  readonly clock: Clock;
  /** For what goes wrong in the background. Nothing is lost by it: who is not woken looks by himself after a while. */
  readonly onFault: (error: Error) => void;
}

/**
 * Wakes workers of all processes at one PostgreSQL, by pg-boss: its queue holds at most one waiting job, without content, and whoever takes it
 * looks at the table of runs. Keeps its own schema, `pgboss`.
 */
export async function openPgBossWaker({ databaseUrl, clock, onFault }: PgBossWakerOptions): Promise<RunWaker> {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    application_name: 'holdfast-wake',
    max: 2,
    schedule: false,
    useListenNotify: true,
    registerInstance: false,
  });
  boss.on('error', onFault);
  const local = new InProcessWaker(clock);
  await boss.start();
  try {
    await boss.createQueue(queue, { policy: 'short', notify: true, retryLimit: 0, retentionSeconds: 60, deleteAfterSeconds: 60 });
    await boss.work(queue, { pollingIntervalSeconds: 2 }, async () => await local.wake());
  } catch (error) {
    await boss.stop({ graceful: false });
    throw error;
  }
  return {
    wake: async () => void (await boss.send(queue)),
    wait: async (ms, signal) => await local.wait(ms, signal),
    [Symbol.asyncDispose]: async () => {
      await local[Symbol.asyncDispose]();
      await boss.stop({ graceful: false });
    },
  };
}
