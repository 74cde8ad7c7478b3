import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../apps/cli/bin/holdfast.js', import.meta.url));

export interface ServeProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly url: string;
  /** What it has written so far, both streams. */
  output(): string;
  /** Ends it with that signal and waits until it is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Starts `holdfast serve` as people do, on a free port, and waits until it says its address. */
export async function startServeProcess(
  dataDirectory: string,
  options: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<ServeProcess> {
  const child = spawn(process.execPath, [main, 'serve', '--port', '0', '--data', dataDirectory, ...options], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const { promise: ready, resolve, reject } = Promise.withResolvers<string>();
  const { promise: gone, resolve: closed } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      output += `${line}\n`;
      const url = /^Holdfast is ready at (\S+)$/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  }
  child.once('error', reject);
  child.once('close', (code, signal) => {
    closed();
    reject(new Error(`the server ended (${code ?? signal}):\n${output}`));
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await gone;
  };
  try {
    return { child, url: await ready, output: () => output, end, [Symbol.asyncDispose]: () => end('SIGTERM') };
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
}
