import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A worker in a process of its own. */
export interface WorkerProcess extends AsyncDisposable {
  readonly pid: number;
  /** How it ended: null while it runs. */
  readonly ended: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | null;
  output(): string;
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Starts a program of this repository as a worker and waits until it says that it is ready. */
export async function startWorkerProcess(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  ready: RegExp,
): Promise<WorkerProcess> {
  const child = spawn(process.execPath, words, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let ended: WorkerProcess['ended'] = null;
  const gone = once(child, 'close').then(([code, signal]) => {
    ended = { code, signal };
  });
  const isReady = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (ready.test(output)) resolve();
      });
    }
  });
  await Promise.race([isReady, gone]);
  if (ended !== null || child.pid === undefined) throw new Error(`the worker ended before it was ready:\n${output}`);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (ended === null) child.kill(signal);
    await gone;
  };
  return {
    pid: child.pid,
    get ended() {
      return ended;
    },
    output: () => output,
    end,
    [Symbol.asyncDispose]: async () => await end('SIGTERM'),
  };
}
