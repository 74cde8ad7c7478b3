import { type Clock, type RandomSource, toHex } from '@holdfast/kernel';
import { lineText } from '../nested-command.ts';
import type { ByteStream, CallOptions, Command, ExecOptions, ExplainedCommand, Host, HostPort, RemoteProcess } from '../port.ts';
import { quoteAll } from '../quote.ts';
import type { CliEngine } from './cli-engine.ts';
import { type CliProcess, startCliProcess } from './cli-process.ts';
import { dialInContainer } from './container-dial.ts';
import { containerCommand } from './container-words.ts';
import { explainExec } from './docker-host.ts';
import type { InspectedContainer } from './engine-answers.ts';

export interface CliHostParts {
  readonly client: CliEngine;
  readonly container: InspectedContainer;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/**
 * A container, reached by the command line client of the previous host, where the engine's API cannot be. Commands and cancelling work as over the
 * API, at the cost of some processes for each; files can be read by commands only.
 */
export class CliHost implements Host {
  readonly description: string;
  readonly #parts: CliHostParts;
  readonly #running = new Set<CliProcess>();

  constructor(parts: CliHostParts) {
    this.description = parts.client.link;
    this.#parts = parts;
  }

  async exec(command: Command, options: ExecOptions = {}): Promise<RemoteProcess> {
    const { client, container, clock, random } = this.#parts;
    options.signal?.throwIfAborted();
    const own = containerCommand(command);
    const what = `${lineText(quoteAll(command.argv.slice(0, 1)))} on ${this.description}`;
    const startedAt = await client.requireRunning(container.Id, { signal: options.signal });
    const mark = toHex(random.bytes(16));
    const running = await startCliProcess({ client, containerId: container.Id, command: own, mark, startedAt, what, clock }, options);
    this.#running.add(running);
    void running.ended.then(() => this.#running.delete(running));
    return running;
  }

  async dial(address: HostPort, options: CallOptions = {}): Promise<ByteStream> {
    const { container, client, clock } = this.#parts;
    return await dialInContainer(this, address, { ...options, container, engineHost: client.via, clock });
  }

  explain(command: Command): ExplainedCommand {
    const { client, container } = this.#parts;
    return explainExec(client.via, client.words, container.Id, this.description, containerCommand(command));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#running, (running) => running[Symbol.asyncDispose]()));
  }
}
