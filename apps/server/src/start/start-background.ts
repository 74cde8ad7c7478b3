import { type ControlContext, DeadRunWatch, NoticePump, Scheduler } from '@holdfast/control';
import { CodedError } from '@holdfast/kernel';
import { deliverByTelegram, testNotice } from '../notices/deliver-telegram.ts';
import type { Logger } from './logger.ts';
import { makeDispatcher, openWaker } from './run-worker.ts';

export interface BackgroundOptions {
  readonly databaseUrl?: string | undefined;
  readonly isWorker?: boolean | undefined;
  readonly stopWithinMs?: number | undefined;
  readonly publicUrl?: string | undefined;
  readonly telegramApiRoot?: string | undefined;
  readonly logger: Logger;
}

/** What a server does besides answering: it schedules, works and tells people. */
export interface Background extends AsyncDisposable {
  /** Begins. Until then nothing runs. */
  begin(): void;
  /** Why the server cannot do its work, for `/readyz`; null where it can. */
  notReady(): Promise<string | null>;
  /** Sends a test message now; the reason why it did not arrive, or null. */
  testTelegram(signal: AbortSignal): Promise<string | null>;
}

/** The scheduler looks every 15 s. */
const schedulerAliveMs = 90_000;

/** Puts together what happens in the background. Disposing ends it: runs have some time, then they are interrupted and queued again. */
export async function startBackground(control: ControlContext, options: BackgroundOptions): Promise<Background> {
  const { databaseUrl, logger, publicUrl, isWorker = true, stopWithinMs = 20_000 } = options;
  const telegram = { publicUrl: publicUrl?.replace(/\/$/, ''), apiRoot: options.telegramApiRoot };
  await using stack = new AsyncDisposableStack();
  const waker = stack.use(await openWaker(control, databaseUrl, logger));
  const dispatcher = isWorker
    ? await makeDispatcher(control, waker, { databaseUrl, logger, isAlone: databaseUrl === undefined })
    : undefined;
  if (dispatcher !== undefined) stack.defer(async () => await dispatcher.stop(stopWithinMs));
  const onFault = (where: string) => (error: unknown) => logger.error({ err: error }, where);
  const watch =
    dispatcher === undefined
      ? stack.use(new DeadRunWatch(control, { monotonicMs: () => performance.now(), onFault: onFault('runs') }))
      : undefined;
  let lookedMs = performance.now();
  const scheduler = stack.use(
    new Scheduler(control, {
      waker,
      onFault: onFault('scheduler'),
      // It asks for this time in each round: what tells that it lives.
      monotonicMs: () => {
        lookedMs = performance.now();
        return lookedMs;
      },
    }),
  );
  const pump = stack.use(
    new NoticePump(control, {
      senders: { telegram: async (notice, signal) => await deliverByTelegram(control, telegram, notice, signal) },
      onFault: onFault('notices'),
    }),
  );
  // Whoever writes a run does not know of workers: a change of runs wakes them.
  const leave = control.changes.listen(({ noun, id }) => {
    if (noun === 'run' && dispatcher?.running.includes(id) !== true) waker.wake().catch(onFault('waking workers'));
  });
  stack.defer(leave);
  const held = stack.move();
  let isBegun = false;
  return {
    begin: () => {
      isBegun = true;
      lookedMs = performance.now();
      dispatcher?.start();
      watch?.start();
      scheduler.start();
      pump.start();
    },
    notReady: async () => {
      if (!isBegun) return 'It is starting.';
      if (performance.now() - lookedMs > schedulerAliveMs) return 'The scheduler has not looked at the schedules for more than a minute.';
      try {
        await control.database.tables.selectFrom('setting').select('key').limit(1).execute();
        return null;
      } catch (error) {
        onFault('readiness')(error);
        return 'The database does not answer.';
      }
    },
    testTelegram: async (signal) => {
      try {
        await deliverByTelegram(control, telegram, testNotice(control), signal);
        return null;
      } catch (error) {
        if (!CodedError.is(error)) throw error;
        return error.hint === undefined ? error.message : `${error.message}. ${error.hint}`;
      }
    },
    [Symbol.asyncDispose]: async () => await held.disposeAsync(),
  };
}
