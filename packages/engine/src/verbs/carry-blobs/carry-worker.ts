import { workerData } from 'node:worker_threads';
import { serveJobs } from '../../workers/serve-jobs.ts';
import { carryHandler } from './carry-handler.ts';
import type { CarrySetup } from './carry-job.ts';

serveJobs(carryHandler(workerData as CarrySetup));
