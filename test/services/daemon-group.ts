import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Several programs that are one server: started in order, ended in reverse. For the process that `startGuarded` starts for them. */
export class DaemonGroup {
  readonly #folder: string;
  readonly #daemons: ChildProcess[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes them up and keeps them until this process is asked to end; what goes wrong is in its log. */
  async run(start: () => Promise<void>): Promise<void> {
    process.once('SIGTERM', () => void this.#stop());
    try {
      await start();
    } catch (error) {
      console.error(error);
      await this.#stop();
    }
  }

  start(program: string, words: readonly string[]): void {
    const daemon = spawn(program, words, { stdio: ['ignore', 'inherit', 'inherit'], cwd: this.#folder });
    daemon.once('error', (error) => console.error(error.message));
    this.#daemons.push(daemon);
  }

  /** Waits until something listens at a port of the loopback. */
  async listens(port: number): Promise<void> {
    for (const endMs = performance.now() + 100_000; ; await delay(100)) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.once('error', () => resolve(false));
      const isOpen = await promise;
      socket.destroy();
      if (isOpen) return;
      if (performance.now() > endMs) throw new Error(`nothing listens at port ${port}`);
    }
  }

  async #stop(): Promise<never> {
    for (const daemon of this.#daemons.toReversed()) {
      if (daemon.exitCode !== null || daemon.signalCode !== null) continue;
      const ended = new Promise<void>((resolve) => daemon.once('exit', () => resolve()));
      // What they have is thrown away.
      daemon.kill('SIGKILL');
      await ended;
    }
    process.exit(0);
  }
}
