import { workerData } from 'node:worker_threads';
import { serveJobs } from '../../workers/serve-jobs.ts';
import type { PackCheckSetup } from './pack-check-job.ts';
import { packCheckHandler } from './pack-inspector.ts';

serveJobs(packCheckHandler(workerData as PackCheckSetup));
