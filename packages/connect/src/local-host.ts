import { userInfo } from 'node:os';
import { type Clock, systemClock } from '@holdfast/kernel';
import { asciiLine } from './ascii-line.ts';
import { dialFromHere } from './dial-from-here.ts';
import { childEnvironment } from './local-environment.ts';
import { type LocalProcess, type ProgramToStart, startLocalProcess } from './local-process.ts';
import { commandLine, commandWords, lineText } from './nested-command.ts';
import { neverStarted } from './never-started.ts';
import type { ByteStream, CallOptions, Command, ExecOptions, ExplainedCommand, Host, HostPort, RemoteProcess, Word } from './port.ts';
import { quoteAll } from './quote.ts';

export interface LocalHostOptions {
  readonly clock?: Clock;
  /** The environment that commands inherit a chosen part of. Default: that of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** This machine: where every chain begins. Programs are started without a shell, and inherit of the environment only what says who and where. */
export class LocalHost implements Host {
  readonly description = 'this machine';
  readonly #clock: Clock;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #running = new Set<LocalProcess>();

  constructor(options: LocalHostOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    this.#environment = childEnvironment(options.environment ?? process.env);
  }

  async exec(command: Command, options: ExecOptions = {}): Promise<RemoteProcess> {
    const own = withoutOwnName(command);
    const what = `${lineText(quoteAll(command.argv.slice(0, 1)))} on ${this.description}`;
    const program = this.#program(own);
    let running: LocalProcess;
    try {
      running = await startLocalProcess(program, { ...options, clock: this.#clock, what });
    } catch (error) {
      options.signal?.throwIfAborted();
      return neverStarted(program, error);
    }
    this.#running.add(running);
    void running.ended.then(() => this.#running.delete(running));
    return running;
  }

  async dial(address: HostPort, options: CallOptions = {}): Promise<ByteStream> {
    return await dialFromHere(address, options);
  }

  explain(command: Command): ExplainedCommand {
    return { steps: [{ place: this.description, line: lineText(commandLine(withoutOwnName(command))) }] };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#running, (running) => running[Symbol.asyncDispose]()));
  }

  #program(command: Command): ProgramToStart {
    // Refuses what cannot be a command, also where no line is needed.
    const line = commandLine(command);
    const { environment, user, workingDirectory } = command;
    const [file, ...parameters] = user === undefined ? commandWords({ argv: command.argv }).map(asText) : [];
    if (file === undefined || !parameters.every((parameter) => parameter !== undefined)) {
      return { file: 'sh', parameters: ['-c', asciiLine(line)], environment: this.#environment };
    }
    return { file, parameters, environment: { ...this.#environment, ...environment }, workingDirectory };
  }
}

/** To become who one is needs no right and no program. */
function withoutOwnName(command: Command): Command {
  return command.user === userInfo().username ? { ...command, user: undefined } : command;
}

/** The word as text, or undefined where Node could not pass these bytes as an argument. */
function asText(word: Word): string | undefined {
  if (typeof word === 'string') return word;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(word);
  } catch {
    return undefined;
  }
}
