/** A thread that loads native code and then waits for jobs. */
import { libc } from '../../packages/engine/src/posix/libc.ts';
import { serveJobs } from '../../packages/engine/src/workers/serve-jobs.ts';

serveJobs<unknown, boolean>(() => ({ result: libc !== undefined }));
