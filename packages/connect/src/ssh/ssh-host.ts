import { type Clock, type RandomSource, toHex } from '@holdfast/kernel';
import { ByteQueue } from '../byte-queue.ts';
import type { CommandStream } from '../command-stream.ts';
import { connectionLost } from '../link-errors.ts';
import { type LocalProcess, startLocalProcess } from '../local-process.ts';
import { commandLine, lineText } from '../nested-command.ts';
import type { CallOptions, Command, ExecOptions, ExplainedCommand, Host, HostPort, RemoteProcess } from '../port.ts';
import { quoteAll } from '../quote.ts';
import { endFarLine, farLine } from './far-command.ts';
import { MarkedStderr } from './far-marks.ts';
import { SftpDoor } from './sftp-door.ts';
import { pathOf, type SshFiles } from './ssh-config.ts';
import { dialThroughSsh } from './ssh-dial.ts';
import type { SshMaster } from './ssh-master.ts';
import { SshProcess } from './ssh-process.ts';

export interface SshHostParts {
  /** Up to here and with this link: `ssh a@b → ssh c@d`. */
  readonly description: string;
  readonly files: SshFiles;
  readonly environment: Readonly<Record<string, string>>;
  readonly master: SshMaster;
  /** All that the connection consists of, the master included. */
  readonly resources: AsyncDisposable;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** A host reached by SSH. Every command is a session of one connection, which OpenSSH's control socket shares. */
export class SshHost implements Host {
  readonly description: string;
  readonly ways: readonly object[];
  readonly #parts: SshHostParts;
  readonly #running = new Set<LocalProcess>();

  constructor(parts: SshHostParts) {
    this.description = parts.description;
    this.#parts = parts;
    const sftp = ['-T', '-s', '-o', 'LogLevel=ERROR'];
    this.ways = [
      new SftpDoor(
        parts.description,
        async (stdin, what, options) => await this.#ssh(['sftp'], { ...options, clock: parts.clock, what, stdin }, sftp),
      ),
    ];
  }

  /** What the next ssh needs to go through this connection. */
  get jump(): { readonly alias: string; readonly configFile: string } {
    const { files } = this.#parts;
    return { alias: files.alias, configFile: pathOf(files, 'config') };
  }

  get master(): Pick<SshMaster, 'isLost' | 'said'> {
    return this.#parts.master;
  }

  async exec(command: Command, options: ExecOptions = {}): Promise<RemoteProcess> {
    const { clock, random } = this.#parts;
    const mark = toHex(random.bytes(16));
    const input = options.stdin === undefined ? 'held' : 'fed';
    const what = `${lineText(quoteAll(command.argv.slice(0, 1)))} on ${this.description}`;
    let farProcess: number | undefined;
    const askToEnd = (asked: LocalProcess): void => {
      // Once its input ends a command may take what it has got for all of it: one that reads is ended first, over another session.
      if (input === 'held') asked.releaseStdin();
      else if (farProcess === undefined) asked.signalGroup('SIGTERM');
      else this.#endFar(farProcess).catch(() => asked.signalGroup('SIGTERM'));
    };
    const client = await this.#ssh([farLine(command, mark, input)], { ...options, clock, what, holdStdin: true, askToEnd });
    const stderr = new MarkedStderr(client.stderr, mark);
    try {
      farProcess = await stderr.started();
      if (farProcess === undefined) throw await this.#notStarted(what, stderr);
    } catch (error) {
      await client.stop(error);
      throw error;
    }
    return new SshProcess(client, stderr, mark, async () => connectionLost(what, await this.#lastWords(), this.description));
  }

  async dial(address: HostPort, options: CallOptions = {}): Promise<CommandStream> {
    const outgoing = new ByteQueue();
    return await dialThroughSsh(address, outgoing, options, {
      from: this.description,
      clock: this.#parts.clock,
      master: this.#parts.master,
      start: async (parameters, what) => await this.#ssh([], { clock: this.#parts.clock, what, stdin: outgoing }, parameters),
      isAlive: async () => await this.#isAlive(),
    });
  }

  explain(command: Command): ExplainedCommand {
    const line = farLine(command, 'MARK', 'held');
    const here = quoteAll(['ssh', '-F', pathOf(this.#parts.files, 'config'), '-T', '--', this.#parts.files.alias, line]);
    return {
      steps: [
        { place: 'this machine', line: lineText(here) },
        { place: this.description, line },
        { place: this.description, line: lineText(commandLine(command)) },
      ],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#running, (running) => running[Symbol.asyncDispose]()));
    await this.#parts.resources[Symbol.asyncDispose]();
  }

  async #ssh(
    line: readonly string[],
    options: Parameters<typeof startLocalProcess>[1],
    parameters: readonly string[] = ['-T', '-o', 'LogLevel=ERROR'],
  ): Promise<LocalProcess> {
    const { files, environment } = this.#parts;
    const all = ['-F', pathOf(files, 'config'), ...parameters, '--', files.alias, ...line];
    const client = await startLocalProcess({ file: 'ssh', parameters: all, environment }, options);
    this.#running.add(client);
    void client.ended.then(() => this.#running.delete(client));
    return client;
  }

  async #endFar(process: number): Promise<void> {
    const client = await this.#ssh([endFarLine(process)], { clock: this.#parts.clock, what: 'ending a command', timeoutMs: 10_000 });
    await drain(client);
  }

  async #isAlive(): Promise<boolean> {
    const check = await this.#ssh([], { clock: this.#parts.clock, what: 'asking a connection', timeoutMs: 5_000 }, ['-O', 'check']);
    await drain(check);
    const exit = await check.exit.catch(() => undefined);
    return exit?.kind === 'exited' && exit.code === 0;
  }

  async #notStarted(what: string, stderr: MarkedStderr): Promise<Error> {
    const said = stderr.heldText.trim().replaceAll(this.#parts.files.alias, this.description);
    return connectionLost(
      `The start of ${what}`,
      said === '' ? await this.#lastWords() : (said.split('\n').at(-1) ?? said),
      this.description,
    );
  }

  async #lastWords(): Promise<string> {
    const { clock, files, master } = this.#parts;
    // The end of a command is known a moment before the end of the connection that caused it.
    await clock.sleep(100);
    const said = master.said.text().trim().split('\n').at(-1) ?? '';
    return said === '' ? 'it ended without saying how' : said.replaceAll(files.alias, this.description);
  }
}

/** Reads both streams away, however the process ends. */
async function drain(client: LocalProcess): Promise<void> {
  const read = async (stream: AsyncIterable<Uint8Array>): Promise<void> => {
    for await (const bytes of stream) if (bytes.length === 0) break;
  };
  await Promise.allSettled([read(client.stdout), read(client.stderr)]);
}
