import { workerData } from 'node:worker_threads';
import { serveJobs } from '../../workers/serve-jobs.ts';
import type { PackCheckJob, PackCheckResult, PackCheckSetup } from './pack-check-job.ts';
import { PackInspector } from './pack-inspector.ts';

const inspector = new PackInspector(workerData as PackCheckSetup);

serveJobs<PackCheckJob, PackCheckResult>((job) => ({ result: inspector.inspect(job) }));
