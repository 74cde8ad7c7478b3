import { rm } from 'node:fs/promises';
import { type Clock, CodedError } from '@holdfast/kernel';
import { Tail } from '../collect-tail.ts';
import { type LocalProcess, startLocalProcess } from '../local-process.ts';
import type { CallOptions } from '../port.ts';
import { pathOf, type SshFiles } from './ssh-config.ts';

export interface SshMasterOptions extends CallOptions {
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string>>;
  readonly link: string;
  readonly connectTimeoutMs: number;
}

/**
 * Runs ssh, and waits on standard input for whoever started it: once he is gone, whatever ended him, ssh is ended and the directory with the
 * keys removed. Its output goes to ssh alone, so that its end is ssh's.
 */
const guard = `trap : HUP INT TERM; exec 3<&0; directory=$1; shift
"$@" </dev/null 3<&- & ssh=$!
exec >/dev/null 2>&1
read -r line <&3
kill -TERM "$ssh"; wait "$ssh"; rm -rf -- "$directory"`;

/** Said by ssh's LocalCommand, which it runs once it is signed in and takes sessions over its control socket. */
const ready = 'holdfast-ready';

/** The one connection of a hop, which every command and every further hop goes through. */
export class SshMaster implements AsyncDisposable {
  /** What ssh and the host said. */
  readonly said: Tail;
  readonly #process: LocalProcess;
  readonly #files: SshFiles;
  readonly #heard: Promise<void>;
  readonly #opened = Promise.withResolvers<boolean>();
  #isLost = false;

  private constructor(process: LocalProcess, files: SshFiles) {
    this.#process = process;
    this.#files = files;
    this.said = new Tail(16 * 1024);
    this.#heard = this.#listen();
    void this.#watch();
  }

  /**
   * Connects and signs in. What ssh said when that did not come about is given back, for the caller to judge, who knows more about the way; the
   * private directory is gone then.
   */
  static async open(files: SshFiles, options: SshMasterOptions): Promise<SshMaster | { readonly failed: string }> {
    const { clock, connectTimeoutMs, environment, link, signal } = options;
    const parameters = [
      '-F',
      pathOf(files, 'config'),
      '-M',
      '-N',
      '-T',
      '-o',
      'PermitLocalCommand=yes',
      '-o',
      `LocalCommand=echo ${ready}`,
    ];
    // Not given the signal: that is for opening, and this lasts.
    const process = await startLocalProcess(
      { file: 'sh', parameters: ['-c', guard, 'holdfast-ssh', files.directory, 'ssh', ...parameters, '--', files.alias], environment },
      { clock, what: link, holdStdin: true, askToEnd: (asked) => asked.releaseStdin() },
    );
    const master = new SshMaster(process, files);
    const over = new AbortController();
    const aborted = new Promise<'aborted'>((resolve) =>
      signal?.addEventListener('abort', () => resolve('aborted'), { once: true, signal: over.signal }),
    );
    const late = clock.sleep(connectTimeoutMs, over.signal).then(
      () => 'late' as const,
      () => 'late' as const,
    );
    const outcome = signal?.aborted === true ? 'aborted' : await Promise.race([master.#opened.promise, aborted, late]);
    over.abort();
    if (outcome === true) return master;
    if (outcome === false) await Promise.race([master.#heard, clock.sleep(500)]);
    const said = outcome === 'late' ? `${master.said.text()}\nConnection timed out` : master.said.text();
    await master[Symbol.asyncDispose]();
    signal?.throwIfAborted();
    return { failed: said };
  }

  /** Whether the connection has broken. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Ends the connection, and removes the private directory. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stop(new CodedError({ code: 'cancelled', message: 'The connection was closed' }));
    await rm(this.#files.directory, { recursive: true, force: true });
  }

  /** Standard error is ssh's for as long as it lives. */
  async #listen(): Promise<void> {
    try {
      for await (const bytes of this.#process.stderr) this.said.add(bytes);
    } catch {
      // Stopped: what was said until then is there.
    }
    this.#isLost = true;
  }

  /** Standard output ssh lets go once it is ready, or when it ends. */
  async #watch(): Promise<void> {
    let seen = '';
    try {
      for await (const bytes of this.#process.stdout) {
        seen = (seen + new TextDecoder().decode(bytes)).slice(-1024);
        if (seen.includes(ready)) this.#opened.resolve(true);
      }
    } catch {
      // Stopped.
    }
    this.#opened.resolve(false);
  }
}
