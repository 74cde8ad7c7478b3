import { readFileSync } from 'node:fs';
import { systemClock } from '@holdfast/kernel';

/** The processes that a process has started and that still are; none where the system does not tell (it is Linux that does). */
export function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Kills a process that may have ended already. */
export function killHard(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Waits until none of them is there any more. */
export async function untilGone(pids: readonly number[], withinMs: number): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (pids.some(isRunning)) {
    if (performance.now() > endMs) throw new Error(`of the processes ${pids.join(', ')} some still run after ${withinMs} ms`);
    await systemClock.sleep(50);
  }
}

/** One that has ended and that nobody has asked how (a zombie) does not run. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return false;
    throw error;
  }
}
