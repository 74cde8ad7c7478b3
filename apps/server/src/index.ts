export { resetUserPassword } from './start/reset-user-password.ts';
export type { ServerOptions } from './start/server-options.ts';
export { type RunningServer, startServer } from './start/start-server.ts';
export { startWorker, type WorkerOptions } from './start/start-worker.ts';
