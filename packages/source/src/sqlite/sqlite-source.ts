import type { CallOptions, Command, ExplainedCommand, Host } from '@holdfast/connect/port';
import { type Clock, CodedError, type RandomSource, systemClock, systemRandom } from '@holdfast/kernel';
import { collectEntries } from '../collect-entries.ts';
import { dumpEntry } from '../dump-entry.ts';
import { dumpStream } from '../dump-stream.ts';
import { readFileFailure, requireFree, writeFarFile } from '../far-file.ts';
import { makeFarPrivateDirectory } from '../far-private-directory.ts';
import { toolPath } from '../option-types.ts';
import type { PushOptions, PushReport, RestoreEntry, SourceDriver, SourceEntry, SourceProbe } from '../port.ts';
import { blockingProblem } from '../probe-problems.ts';
import { renamed } from '../renamed.ts';
import { runTool, toolVersion } from '../run-tool.ts';
import { Slots } from '../slots.ts';
import { incomplete, notThere } from '../source-errors.ts';
import type { SourcePorts } from '../source-ports.ts';
import { readSqliteFailure } from './read-sqlite-failure.ts';
import type { SqliteOptions } from './sqlite-options.ts';
import { verifySqlite } from './verify-sqlite.ts';

const copyName = 'copy.sqlite';
/** What a database in use may have beside it. */
const sideFiles = ['-wal', '-shm', '-journal'];
/** One line a path: whether it is a file, and how long. */
const look = 'for path do if [ -f "$path" ]; then wc -c <"$path" || echo denied; else echo missing; fi; done';

/** SQLite databases, by `sqlite3` of the host: a consistent copy is made in a private directory there, checked and sent. Never the file itself. */
export class SqliteSource implements SourceDriver {
  readonly #options: SqliteOptions;
  readonly #clock: Clock;
  readonly #random: RandomSource;

  constructor(options: SqliteOptions, ports: SourcePorts = {}) {
    this.#options = options;
    this.#clock = ports.clock ?? systemClock;
    this.#random = ports.random ?? systemRandom;
  }

  get concurrency(): number {
    return this.#options.concurrency;
  }

  async probe(host: Host, options: CallOptions = {}): Promise<SourceProbe> {
    const { paths, runAs } = this.#options;
    const version = await toolVersion(host, { argv: [this.#program(), '--version'], user: runAs }, 'sqlite3', options);
    const sizes = await this.#look(host, options);
    const missing = paths.filter((_, at) => sizes[at] === 'missing');
    const denied = paths.filter((_, at) => sizes[at] === 'denied');
    return {
      server: undefined,
      tools: [{ name: 'sqlite3', version }],
      contents: paths.map((name, at) => ({ name, sizeBytes: numberOf(sizes[at]), selected: true })),
      problems: [
        ...(missing.length > 0 ? [blockingProblem(notThere('file', missing, `on ${host.description}`))] : []),
        ...denied.map((path) => blockingProblem(mayNotRead(path, host))),
      ],
    };
  }

  async *pull(host: Host, options: CallOptions = {}): AsyncGenerator<SourceEntry> {
    const { paths, concurrency, runAs } = this.#options;
    await toolVersion(host, { argv: [this.#program(), '--version'], user: runAs }, 'sqlite3', options);
    const sizes = await this.#look(host, options);
    const missing = paths.filter((_, at) => sizes[at] === 'missing');
    if (missing.length > 0) throw notThere('file', missing, `on ${host.description}`);
    const slots = new Slots(concurrency);
    const nowNs = this.#clock.nowNs();
    for (const path of new Set(paths)) yield dumpEntry(path.slice(1), nowNs, (call) => this.#copy(host, path, slots, call));
  }

  async push(host: Host, entries: AsyncIterable<RestoreEntry>, options: PushOptions = {}): Promise<PushReport> {
    const { runAs } = this.#options;
    const call = { signal: options.signal, timeoutMs: options.timeoutMs };
    const restored: { path: string; as: string }[] = [];
    for (const [path, entry] of await collectEntries(entries)) {
      const place = renamed(options, `/${path}`);
      const what = `The copy of ${JSON.stringify(`/${path}`)}`;
      if (options.existing !== 'replace') await requireFree(host, place, { ...call, user: runAs });
      const content = verifySqlite(entry.open(call), what);
      await using file = await writeFarFile(host, place, content, { ...call, user: runAs, besides: sideFiles, random: this.#random });
      await this.#check(host, file.path, what, call);
      await file.put();
      restored.push({ path, as: place });
    }
    return { restored, notes: [] };
  }

  explain(host: Host): { readonly pull: readonly ExplainedCommand[]; readonly push: readonly ExplainedCommand[] } {
    const { paths } = this.#options;
    return {
      pull: paths.map((path) => host.explain(this.#copyCommand(path, '…'))),
      push: paths.map((path) => host.explain(this.#checkCommand(`${path}.holdfast-…`))),
    };
  }

  /** What `look` says of each path. */
  async #look(host: Host, options: CallOptions): Promise<readonly string[]> {
    const { paths, runAs } = this.#options;
    const command = { argv: ['sh', '-c', look, 'holdfast', ...paths], user: runAs };
    const { stdout } = await runTool(host, { command, program: 'sh', what: 'Looking at the files', read: readFileFailure }, options);
    return stdout.split('\n').map((line) => line.trim());
  }

  async *#copy(host: Host, path: string, slots: Slots, call: CallOptions = {}): AsyncGenerator<Uint8Array> {
    using _slot = await slots.take(call.signal);
    const { runAs, method, busySeconds } = this.#options;
    const what = `The copy of ${JSON.stringify(path)}`;
    await using directory = await makeFarPrivateDirectory(host, {}, { signal: call.signal, user: runAs });
    const copy = method === 'backup' ? `.backup main ${copyName}` : `VACUUM main INTO '${copyName}';`;
    const run = { program: 'sqlite3', what, read: readSqliteFailure, otherwise: 'source-incomplete' } as const;
    const command = this.#copyCommand(path, directory.path);
    const said = await runTool(host, { ...run, command, stdin: `.timeout ${busySeconds * 1000}\n${copy}\n` }, call);
    // It has ended with 0 after errors of commands that begin with a dot.
    if (said.stderr.trim() !== '')
      throw incomplete(what, said.stderr.trim(), { hint: readSqliteFailure(said.stderr)?.hint ?? 'Mend what it names.' });
    const far = `${directory.path}/${copyName}`;
    const sizeBytes = await this.#check(host, far, what, call);
    const bytes = dumpStream(
      host,
      { command: { argv: ['cat', '--', far], user: runAs }, program: 'cat', what, read: readFileFailure },
      call,
    );
    yield* verifySqlite(bytes, what, sizeBytes);
  }

  /** Has the file checked on the host and returns its size as the database knows it. */
  async #check(host: Host, file: string, what: string, call: CallOptions): Promise<number> {
    const command = this.#checkCommand(file);
    const stdin = 'PRAGMA page_size;\nPRAGMA page_count;\nPRAGMA integrity_check;\n';
    const run = { command, program: 'sqlite3', what, read: readSqliteFailure, stdin, otherwise: 'source-incomplete' } as const;
    const { stdout } = await runTool(host, run, call);
    const [pageBytes, pages, ...verdict] = stdout.trim().split('\n');
    if (verdict.join('\n') === 'ok') return Number(pageBytes) * Number(pages);
    const hint = 'The database itself is damaged: look at it with PRAGMA integrity_check and restore an older copy.';
    throw incomplete(what, `its integrity check says ${verdict.slice(0, 3).join(' | ') || 'nothing'}`, { hint });
  }

  #program(): string {
    return toolPath(this.#options.toolFolder, 'sqlite3');
  }

  #copyCommand(path: string, directory: string): Command {
    const argv = [this.#program(), '-batch', '-bail', '-init', '/dev/null', fileUri(path, 'ro')];
    return { argv, workingDirectory: directory, environment: { LC_ALL: 'C' }, user: this.#options.runAs };
  }

  #checkCommand(file: string): Command {
    const argv = [this.#program(), '-batch', '-bail', '-init', '/dev/null', fileUri(file, 'rw')];
    return { argv, environment: { LC_ALL: 'C' }, user: this.#options.runAs };
  }
}

/** The file as a URI, in which no sign of its path means anything; a file that is not there is not made. */
function fileUri(path: string, mode: 'ro' | 'rw'): string {
  return `file:${path.split('/').map(encodeURIComponent).join('/')}?mode=${mode}`;
}

function numberOf(size: string | undefined): number | undefined {
  return size !== undefined && /^\d+$/.test(size) ? Number(size) : undefined;
}

function mayNotRead(path: string, host: Host): CodedError {
  return new CodedError({
    code: 'source-denied',
    message: `The file ${JSON.stringify(path)} on ${host.description} may not be read`,
    hint: 'Give the account the right to it, or name another account (runAs).',
  });
}
