import { availableParallelism } from 'node:os';
import { CodedError } from '@holdfast/kernel';
import type { ScryptLane, ScryptThreads } from '../../crypto/scrypt-lane.ts';
import { WorkerPool } from '../../workers/worker-pool.ts';
import type { BackupJob, BackupJobResult } from './backup-job.ts';

/**
 * The threads of a backup, one for each processor. They take a tenth of a second to be ready: whoever starts them first of all, derives the
 * key of the repository on them and gives them to `backup` (which ends them) saves that time.
 */
export class BackupWorkers extends WorkerPool<BackupJob, BackupJobResult> implements ScryptThreads {
  constructor(threads = availableParallelism()) {
    super(new URL('./backup-worker.ts', import.meta.url), threads, undefined);
  }

  async mixLane(lane: ScryptLane): Promise<Uint8Array> {
    const { mixed } = await this.run({ kind: 'scrypt-lane', lane });
    if (mixed === undefined) throw new CodedError({ code: 'internal', message: 'A backup thread mixed no lane' });
    return mixed;
  }
}
