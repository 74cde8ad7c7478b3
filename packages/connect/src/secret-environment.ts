import { CodedError, type Secret } from '@holdfast/kernel';
import type { Command } from './port.ts';

/** A command together with what it must be given to read. */
export interface CommandWithStdin {
  readonly command: Command;
  readonly stdin: AsyncIterable<Uint8Array>;
}

const variableName = /^[A-Z_][A-Z0-9_]*$/;

/** Reads as many lines as there are names before `--` into variables of those names. `read` takes no byte beyond its line from a pipe. */
const script = 'while [ "$1" != -- ]; do IFS= read -r "$1" || exit 126; export "$1"; shift; done; shift; exec "$@"';

/**
 * The command with secrets in its own environment, which only its account and root can see: they travel as the first lines of standard input,
 * past every process list and the environment of every host between. What follows of `stdin` is the command's. A secret of several lines is
 * `invalid-argument`.
 */
export function withSecretEnvironment(
  command: Command,
  secrets: Readonly<Record<string, Secret>>,
  stdin?: AsyncIterable<Uint8Array>,
): CommandWithStdin {
  const names = Object.keys(secrets);
  for (const [name, secret] of Object.entries(secrets)) {
    if (!variableName.test(name))
      throw new CodedError({ code: 'invalid-argument', message: `${JSON.stringify(name)} cannot name a secret` });
    if (/[\n\0]/.test(secret.reveal())) {
      throw new CodedError({ code: 'invalid-argument', message: `The secret ${name} has several lines or a NUL in it` });
    }
  }
  return {
    command: { ...command, argv: ['sh', '-c', script, 'holdfast', ...names, '--', ...command.argv] },
    stdin: linesBefore(Object.values(secrets), stdin),
  };
}

async function* linesBefore(secrets: readonly Secret[], rest: AsyncIterable<Uint8Array> | undefined): AsyncGenerator<Uint8Array> {
  for (const secret of secrets) yield new TextEncoder().encode(`${secret.reveal()}\n`);
  if (rest !== undefined) yield* rest;
}
