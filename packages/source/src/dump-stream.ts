import type { CallOptions, Command, Host } from '@holdfast/connect/port';
import { collectTail, describeExit } from '@holdfast/connect/run';
import { incomplete, lastWords, programFailed, type ReadFailure } from './source-errors.ts';

export interface DumpCommand {
  readonly command: Command;
  /** The program, for messages. */
  readonly program: string;
  /** What is dumped, for messages: `The dump of the database "app"`. */
  readonly what: string;
  readonly read: ReadFailure;
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** Exit codes that mean success. Default: 0 only. */
  readonly expectedExitCodes?: readonly number[];
  readonly mayBeEmpty?: boolean;
}

/**
 * The standard output of a program, as far as it is proven that the program had no more to say: behind the last byte it throws unless the exit
 * was an expected one, and unless there was something at all. Whether the bytes are whole by the rules of their format is for the next layer.
 * A failure before the first byte is told by its cause (`source-denied`, `tool-missing`, …), one behind it is `source-incomplete`.
 */
export async function* dumpStream(host: Host, dump: DumpCommand, options: CallOptions = {}): AsyncGenerator<Uint8Array> {
  const { command, program, what } = dump;
  await using running = await host.exec(command, { ...options, ...(dump.stdin === undefined ? {} : { stdin: dump.stdin }) });
  const telling = collectTail(running.stderr);
  telling.catch(() => undefined); // whatever breaks it breaks the reading of stdout or the exit too
  let sizeBytes = 0;
  for await (const bytes of running.stdout) {
    if (bytes.byteLength === 0) continue;
    sizeBytes += bytes.byteLength;
    yield bytes;
  }
  const [said, exit] = await Promise.all([telling, running.exit]);
  const expected = exit.kind === 'exited' && (dump.expectedExitCodes ?? [0]).includes(exit.code);
  if (!expected) {
    const cause = programFailed({ what, program, place: host.description, exit, said, read: dump.read, otherwise: 'source-incomplete' });
    if (sizeBytes === 0) throw cause;
    throw incomplete(what, `${program} ${describeExit(exit)} after ${sizeBytes} bytes${wordsOf(said)}`, { hint: cause.hint, cause });
  }
  if (sizeBytes === 0 && dump.mayBeEmpty !== true) throw incomplete(what, `${program} wrote nothing${wordsOf(said)}`);
}

function wordsOf(said: string): string {
  const words = lastWords(said);
  return words === '' ? '' : `: ${words}`;
}
