import { destination } from 'pino';
import { defaultDataDirectory, prepareDataDirectory } from './data-directory.ts';
import { createLogger } from './logger.ts';
import { openControl } from './open-control.ts';
import { makeDispatcher, openWaker } from './run-worker.ts';
import type { ServerOptions } from './server-options.ts';

export type WorkerOptions = Pick<ServerOptions, 'dataDirectory' | 'environment' | 'logLevel' | 'logTo' | 'stopWithinMs'> & {
  readonly databaseUrl: string;
};

/** Carries out runs of a server at the same PostgreSQL, until it is disposed of: then runs have some time to end. */
export async function startWorker(options: WorkerOptions): Promise<AsyncDisposable> {
  const { databaseUrl, environment = process.env } = options;
  const dataDirectory = await prepareDataDirectory(options.dataDirectory ?? defaultDataDirectory(environment, process.getuid?.() === 0));
  const logger = createLogger(options.logLevel ?? 'info', options.logTo ?? destination(2));
  await using stack = new AsyncDisposableStack();
  const control = stack.use(await openControl({ dataDirectory, databaseUrl, environment }));
  const waker = stack.use(await openWaker(control, databaseUrl, logger));
  const dispatcher = await makeDispatcher(control, waker, { databaseUrl, logger, isAlone: false });
  stack.defer(async () => await dispatcher.stop(options.stopWithinMs ?? 20_000));
  dispatcher.start();
  const held = stack.move();
  return { [Symbol.asyncDispose]: async () => await held.disposeAsync() };
}
