import { workerData } from 'node:worker_threads';
import { serveJobs } from '../../workers/serve-jobs.ts';
import { treeWalkHandler } from './tree-walk-handler.ts';
import type { TreeWalkSetup } from './tree-walk-job.ts';

serveJobs(treeWalkHandler(workerData as TreeWalkSetup));
