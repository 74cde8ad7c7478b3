import { existsSync } from 'node:fs';
import { CodedError } from '@holdfast/kernel';
import type { ProgramToStart } from './local-process.ts';
import type { RemoteProcess } from './port.ts';

/** What a shell would have answered about a program that could not be started, so that a missing one looks the same on every host. */
export function neverStarted(program: ProgramToStart, error: unknown): RemoteProcess {
  if (CodedError.is(error)) throw error;
  const { file, workingDirectory } = program;
  switch (error instanceof Error && 'code' in error ? error.code : undefined) {
    case 'ENOENT':
      if (workingDirectory !== undefined && !existsSync(workingDirectory)) return ended(126, `cannot enter ${workingDirectory}`);
      return ended(127, `${file}: not found`);
    case 'ENOTDIR':
    case 'EACCES':
    case 'ENOEXEC':
      return ended(126, `${file}: cannot be run`);
    case 'E2BIG':
      throw new CodedError({
        code: 'invalid-argument',
        message: `The command ${file} has more arguments than the system takes`,
        hint: 'Give long lists by standard input or in a file.',
        cause: error,
      });
    default:
      throw new CodedError({
        code: 'command-failed',
        message: `The system did not start ${file}: ${error instanceof Error ? error.message : String(error)}`,
        hint: 'Look whether this machine has run out of memory, processes or open files.',
        retry: 'temporary',
        cause: error,
      });
  }
}

function ended(code: number, why: string): RemoteProcess {
  return {
    stdout: bytes(''),
    stderr: bytes(`${why}\n`),
    exit: Promise.resolve({ kind: 'exited', code }),
    async [Symbol.asyncDispose]() {
      await this.exit;
    },
  };
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  if (text !== '') yield new TextEncoder().encode(text);
}
