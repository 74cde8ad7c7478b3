import { CodedError } from '@holdfast/kernel';
import type { Command, Word } from './port.ts';
import { concatenate, quote, quoteAll, wordBytes } from './quote.ts';

/** What a line for the next shell is handed to as one more word: `['sh', '-c']`, `['ssh', 'db1']`. */
export type Layer = readonly Word[];

/** Linux takes no single argument that is longer, and a line for the next shell is one argument. */
const maximumLineBytes = 128 * 1024 - 1;

const environmentName = /^[A-Za-z_][A-Za-z0-9_]*$/;
const userName = /^[A-Za-z_][A-Za-z0-9_.@-]*$/;

/** Runs "$@" as the account $u. A constant: what changes is quoted in front of it. `su` of root asks nobody; `sudo -n` fails instead of asking. */
const asUser =
  'if [ "$(id -un)" = "$u" ]; then exec "$@"; elif [ "$(id -u)" = 0 ]; then exec su -s /bin/sh -c \'exec "$@"\' -- "$u" sh "$@"; else exec sudo -n -u "$u" -- "$@"; fi';

/**
 * The command as one line for a POSIX shell, which replaces itself with the program: working directory, account and environment included.
 * What cannot be a command (no program, a name that is no name, a NUL anywhere) is `invalid-argument`.
 */
export function commandLine(command: Command): Uint8Array {
  const { user } = command;
  if (user === undefined) return ownLine(command);
  if (!userName.test(user)) throw invalid(`${JSON.stringify(user)} is not the name of an account`);
  return concatenate([text('u='), quote(user), text('; set -- '), quoteAll(ownWords(command)), text(`; ${asUser}`)]);
}

/** The command as the words to execute, with no shell where none is needed. */
export function commandWords(command: Command): readonly Word[] {
  return command.user === undefined ? ownWords(command) : ['sh', '-c', limitLine(commandLine(command))];
}

/**
 * One line for the outermost shell that runs the command inside of all the layers, outermost first. Each layer's shell takes one level of
 * quoting away, and none of them reads anything of the command but the words that it is to pass on.
 */
export function nestCommand(layers: readonly Layer[], command: Command): Uint8Array {
  return layers.reduceRight((line, layer) => concatenate([text('exec '), quoteAll([...layer, limitLine(line)])]), commandLine(command));
}

/** For people: bytes that are no text are shown as U+FFFD. */
export function lineText(line: Uint8Array): string {
  return new TextDecoder().decode(line);
}

/** A line that becomes one argument of the next program, if the system takes it; else `invalid-argument`. */
export function limitLine(line: Uint8Array): Uint8Array {
  if (line.length <= maximumLineBytes) return line;
  throw new CodedError({
    code: 'invalid-argument',
    message: `A command of ${line.length} bytes is too long for the shell that has to run it (${maximumLineBytes} bytes)`,
    hint: 'Give long lists by standard input or in a file.',
    context: { bytes: line.length, maximumBytes: maximumLineBytes },
  });
}

/** Without the change of account. */
function ownWords(command: Command): readonly Word[] {
  const isPlain = command.workingDirectory === undefined && Object.keys(command.environment ?? {}).length === 0;
  return isPlain ? checkedArgv(command) : ['sh', '-c', limitLine(ownLine(command))];
}

function ownLine(command: Command): Uint8Array {
  const { workingDirectory, environment = {} } = command;
  const parts: Uint8Array[] = [];
  if (workingDirectory !== undefined) {
    if (workingDirectory === '') throw invalid('The working directory is empty');
    // Behind './' a name is only a name: not an option, not `-` (the directory before), not looked up on CDPATH.
    const path = workingDirectory.startsWith('/') ? workingDirectory : `./${workingDirectory}`;
    parts.push(text('cd -- '), quote(path), text(' || exit 126; '));
  }
  for (const [name, value] of Object.entries(environment)) {
    if (!environmentName.test(name)) throw invalid(`${JSON.stringify(name)} is not the name of an environment variable`);
    parts.push(text(`export ${name}=`), quote(value), text('; '));
  }
  return concatenate([...parts, text('exec '), quoteAll(checkedArgv(command))]);
}

function checkedArgv({ argv }: Command): readonly Word[] {
  const [program] = argv;
  if (program === undefined || program.length === 0) throw invalid('A command names no program');
  if (wordBytes(program)[0] === 0x2d) throw invalid('The name of a program begins with "-"', 'Give its path, such as ./-name.');
  return argv;
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function invalid(message: string, hint?: string): CodedError {
  return new CodedError({ code: 'invalid-argument', message, ...(hint === undefined ? {} : { hint }) });
}
