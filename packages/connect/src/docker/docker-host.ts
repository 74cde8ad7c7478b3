import type { Duplex } from 'node:stream';
import { type RandomSource, toHex } from '@holdfast/kernel';
import { commandLine, lineText } from '../nested-command.ts';
import type { ByteStream, CallOptions, Command, ExecOptions, ExplainedCommand, Host, HostPort, RemoteProcess, Word } from '../port.ts';
import { quoteAll } from '../quote.ts';
import { execWords } from './client-words.ts';
import { EngineArchive } from './container-archive.ts';
import { dialInContainer } from './container-dial.ts';
import { ContainerProcess } from './container-process.ts';
import { type ContainerCommand, containerCommand } from './container-words.ts';
import type { InspectedContainer } from './engine-answers.ts';
import { createExec, type EngineExecContext, requireRunning, signalMarked, startExec } from './engine-exec.ts';

export interface DockerHostParts extends EngineExecContext {
  readonly container: InspectedContainer;
  /** The place before the container. */
  readonly via: Host;
  /** The command line client that would do the same, for `explain`. */
  readonly client: readonly Word[];
  readonly random: RandomSource;
}

/**
 * A container, reached through its engine. Commands are started by the engine itself: their words pass no shell on the way. A container that is
 * stopped can be opened too: only its files are in reach then, by `archiveOf`, and every command is `container-not-running`.
 */
export class DockerHost implements Host {
  readonly description: string;
  readonly ways: readonly object[];
  readonly #parts: DockerHostParts;
  readonly #running = new Set<ContainerProcess>();

  constructor(parts: DockerHostParts) {
    this.description = parts.link;
    this.ways = [new EngineArchive(parts.engine, parts.containerId)];
    this.#parts = parts;
  }

  async exec(command: Command, options: ExecOptions = {}): Promise<RemoteProcess> {
    const { signal, stdin } = options;
    signal?.throwIfAborted();
    const own = containerCommand(command);
    const what = `${lineText(quoteAll(command.argv.slice(0, 1)))} on ${this.description}`;
    const startedAt = await requireRunning(this.#parts, { signal });
    const mark = toHex(this.#parts.random.bytes(16));
    const execId = await createExec(this.#parts, own, mark, { stdin: stdin !== undefined, output: true }, signal);
    const marked = { execId, mark, user: own.user };
    let socket: Duplex;
    try {
      socket = await startExec(this.#parts, execId, signal);
    } catch (error) {
      // It may have started all the same.
      await signalMarked(this.#parts, marked, 'KILL').catch(() => undefined);
      throw error;
    }
    const running = new ContainerProcess(this.#parts, marked, socket, { ...options, what, startedAt });
    this.#running.add(running);
    void running.ended.then(() => this.#running.delete(running));
    return running;
  }

  async dial(address: HostPort, options: CallOptions = {}): Promise<ByteStream> {
    const { container, engineHost } = this.#parts;
    return await dialInContainer(this, address, { ...options, container, engineHost, clock: this.#parts.clock });
  }

  /** What the engine is asked for has no line of its own: shown is that of the command line client, which asks for the same. */
  explain(command: Command): ExplainedCommand {
    return explainExec(this.#parts.via, this.#parts.client, this.#parts.containerId, this.description, containerCommand(command));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#running, (running) => running[Symbol.asyncDispose]()));
    await this.#parts.engine[Symbol.asyncDispose]();
  }
}

export function explainExec(
  via: Host,
  client: readonly Word[],
  containerId: string,
  place: string,
  command: ContainerCommand,
): ExplainedCommand {
  const outside = via.explain({ argv: execWords(client, containerId, command, '', true) });
  return { steps: [...outside.steps, { place, line: lineText(commandLine({ argv: command.words })) }] };
}
