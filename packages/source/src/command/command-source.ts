import type { CallOptions, Command, ExplainedCommand, Host } from '@holdfast/connect/port';
import { type Clock, CodedError, systemClock } from '@holdfast/kernel';
import { collectEntries } from '../collect-entries.ts';
import { dumpEntry } from '../dump-entry.ts';
import { dumpStream } from '../dump-stream.ts';
import { readFileFailure } from '../far-file.ts';
import { notOfKind } from '../manifest.ts';
import type { PushOptions, PushReport, RestoreEntry, SourceDriver, SourceEntry, SourceProbe } from '../port.ts';
import { blockingProblem } from '../probe-problems.ts';
import { runTool } from '../run-tool.ts';
import { toolMissing } from '../source-errors.ts';
import type { SourcePorts } from '../source-ports.ts';
import { verifyTrailer } from '../verify-trailer.ts';
import type { CommandOptions } from './command-options.ts';

const find = 'command -v -- "$1"';

/** Any command: its standard output is one file. */
export class CommandSource implements SourceDriver {
  readonly concurrency = 1;
  readonly #options: CommandOptions;
  readonly #clock: Clock;

  constructor(options: CommandOptions, ports: SourcePorts = {}) {
    this.#options = options;
    this.#clock = ports.clock ?? systemClock;
  }

  /** Looks whether the program is there. What it does is only known by running it, and that is left to a backup. */
  async probe(host: Host, options: CallOptions = {}): Promise<SourceProbe> {
    const { argv, fileName, runAs, workingDirectory } = this.#options;
    const command = { argv: ['sh', '-c', find, 'holdfast', argv[0]], user: runAs, workingDirectory };
    const contents = [{ name: fileName, sizeBytes: undefined, selected: true }];
    const tools = [{ name: argv[0], version: '' }];
    try {
      await runTool(host, { command, program: argv[0], what: `Looking for ${argv[0]}`, read: () => undefined }, options);
      return { server: undefined, tools, contents, problems: [] };
    } catch (error) {
      if (!CodedError.is(error, 'command-failed') && !CodedError.is(error, 'tool-missing')) throw error;
      return { server: undefined, tools: [], contents, problems: [blockingProblem(toolMissing(argv[0], host.description))] };
    }
  }

  async *pull(host: Host): AsyncGenerator<SourceEntry> {
    yield dumpEntry(this.#options.fileName, this.#clock.nowNs(), (call) => this.#output(host, call));
  }

  async push(host: Host, entries: AsyncIterable<RestoreEntry>, options: PushOptions = {}): Promise<PushReport> {
    const { fileName, restoreArgv } = this.#options;
    if (restoreArgv === undefined) throw noWayBack(fileName);
    const entry = (await collectEntries(entries)).get(fileName);
    if (entry === undefined) throw notOfKind(fileName, 'a command');
    const call = { signal: options.signal, timeoutMs: options.timeoutMs };
    const what = `Restoring ${fileName} on ${host.description}`;
    const run = { command: this.#command(restoreArgv), program: restoreArgv[0], what, read: readFileFailure } as const;
    await runTool(host, { ...run, stdin: this.#marked(entry.open(call)), otherwise: 'target-unwritable' }, call);
    return { restored: [{ path: fileName, as: fileName }], notes: [] };
  }

  explain(host: Host): { readonly pull: readonly ExplainedCommand[]; readonly push: readonly ExplainedCommand[] } {
    const { argv, restoreArgv } = this.#options;
    return {
      pull: [host.explain(this.#command(argv))],
      push: restoreArgv === undefined ? [] : [host.explain(this.#command(restoreArgv))],
    };
  }

  #output(host: Host, call: CallOptions = {}): AsyncGenerator<Uint8Array> {
    const { argv, expectedExitCodes, mayBeEmpty } = this.#options;
    const dump = {
      command: this.#command(argv),
      program: argv[0],
      what: this.#what(),
      read: readFileFailure,
      expectedExitCodes,
      mayBeEmpty,
    };
    return this.#marked(dumpStream(host, dump, call));
  }

  #marked(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const { endMarker } = this.#options;
    const mark = endMarker === undefined ? '' : Buffer.from(endMarker).toString('latin1').trimEnd();
    return verifyTrailer(bytes, this.#what(), ({ tail }) =>
      tail.trimEnd().endsWith(mark) ? undefined : 'it does not end with the text that was agreed',
    );
  }

  #what(): string {
    return `The output ${JSON.stringify(this.#options.fileName)}`;
  }

  #command(argv: readonly string[]): Command {
    const { runAs, workingDirectory } = this.#options;
    return { argv, user: runAs, workingDirectory };
  }
}

function noWayBack(fileName: string): CodedError {
  return new CodedError({
    code: 'invalid-argument',
    message: `Nothing says how ${fileName} is restored`,
    hint: 'Name the command that takes it on its standard input (restoreArgv), or restore it as a file.',
  });
}
