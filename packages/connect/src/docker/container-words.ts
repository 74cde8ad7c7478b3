import { CodedError } from '@holdfast/kernel';
import type { Command, Word } from '../port.ts';
import { wordBytes } from '../quote.ts';

/** A command as an engine takes it: words that are text. No shell reads them. */
export interface ContainerCommand {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string | undefined;
  readonly workingDirectory: string | undefined;
}

const environmentName = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Name or number, with a group if wanted. */
const userName = /^[A-Za-z0-9_][A-Za-z0-9_.@-]*(?::[A-Za-z0-9_][A-Za-z0-9_.@-]*)?$/;

/** Turns each word from printf's octal notation into its bytes and runs them. The x keeps newlines at the end from being taken away. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
const decode = 'n=$#; while [ "$n" -gt 0 ]; do v=$(printf %bx "$1"); shift; set -- "$@" "${v%x}"; n=$((n - 1)); done; exec "$@"';

/**
 * The command for an engine; `invalid-argument` for what cannot be one. Engines take text only, so that a command with a word of other bytes
 * needs a shell in the container, which gets the bytes back from ASCII.
 */
export function containerCommand(command: Command): ContainerCommand {
  const [program] = command.argv;
  if (program === undefined || program.length === 0) throw invalid('A command names no program');
  if (wordBytes(program)[0] === 0x2d) throw invalid('The name of a program begins with "-"', 'Give its path, such as ./-name.');
  const { environment = {}, user, workingDirectory } = command;
  for (const [name, value] of Object.entries(environment)) {
    if (!environmentName.test(name)) throw invalid(`${JSON.stringify(name)} is not the name of an environment variable`);
    wordBytes(value);
  }
  if (user !== undefined && !userName.test(user)) throw invalid(`${JSON.stringify(user)} is not the name of an account`);
  if (workingDirectory !== undefined) {
    wordBytes(workingDirectory);
    if (!workingDirectory.startsWith('/')) throw invalid('The working directory in a container must be an absolute path');
  }
  return { words: engineWords(command.argv), environment, user, workingDirectory };
}

function engineWords(argv: readonly Word[]): readonly string[] {
  const bytes = argv.map(wordBytes);
  const texts = bytes.map(asText);
  if (texts.every((text) => text !== undefined)) return texts;
  return ['sh', '-c', decode, 'sh', ...bytes.map(inOctal)];
}

function asText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function inOctal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z/._-]/.test(character) ? character : `\\0${byte.toString(8).padStart(3, '0')}`;
  }).join('');
}

function invalid(message: string, hint?: string): CodedError {
  return new CodedError({ code: 'invalid-argument', message, ...(hint === undefined ? {} : { hint }) });
}
