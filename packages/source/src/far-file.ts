import type { CallOptions, Host } from '@holdfast/connect/port';
import { CodedError, type RandomSource, toHex } from '@holdfast/kernel';
import { runTool } from './run-tool.ts';
import type { FailureReading } from './source-errors.ts';

/** A file on a host that lies beside its place until `put` gives it that. Disposing of it before removes it. */
export interface FarFile extends AsyncDisposable {
  /** Where it lies now. */
  readonly path: string;
  /** Removes the files beside the place that belonged to what was there, and puts this file there in one step. */
  put(): Promise<void>;
}

export interface FarFileOptions extends CallOptions {
  readonly user?: string | undefined;
  /** Ends of the names of files that belong to what was at the place: `-wal`. */
  readonly besides?: readonly string[];
  readonly random: RandomSource;
}

/** Owner and mode are those of what is there, else the owner of the folder and for nobody else to read. $1: place, $2: the file until then. */
const write = `umask 077
like=$1
[ -e "$like" ] || like=$(dirname -- "$1")
cat >"$2" || exit 74
if [ "$(id -u)" = 0 ]; then chown -- "$(stat -c %u:%g -- "$like")" "$2" || exit 74; fi
if [ -e "$1" ]; then chmod -- "$(stat -c %a -- "$1")" "$2" || exit 74; fi
sync -- "$2" 2>/dev/null || sync`;
const put = 'place=$1 file=$2; shift 2; for end do rm -f -- "$place$end" "$file$end"; done; mv -f -- "$file" "$place"';
const remove = 'file=$1; shift; rm -f -- "$file"; for end do rm -f -- "$file$end"; done';
const exists = 'if [ -e "$1" ] || [ -L "$1" ]; then echo yes; else echo no; fi';

/** Writes the file beside its place. When the content throws, the error is passed on and nothing is left. */
export async function writeFarFile(
  host: Host,
  place: string,
  content: AsyncIterable<Uint8Array>,
  options: FarFileOptions,
): Promise<FarFile> {
  const { user, signal, timeoutMs, besides = [], random } = options;
  const path = `${place}.holdfast-${toHex(random.bytes(8))}`;
  const script = async (
    text: string,
    parameters: readonly string[],
    call: CallOptions,
    stdin?: AsyncIterable<Uint8Array>,
  ): Promise<void> => {
    const command = { argv: ['sh', '-c', text, 'holdfast', ...parameters], user };
    const run = {
      command,
      program: 'sh',
      what: `Writing ${place} on ${host.description}`,
      read: readWriteFailure,
      otherwise: 'target-unwritable',
    } as const;
    await runTool(host, stdin === undefined ? run : { ...run, stdin }, call);
  };
  const discard = async (): Promise<void> => await script(remove, [path, ...besides], {}).catch(() => undefined);
  try {
    await script(write, [place, path], { signal, timeoutMs }, content);
  } catch (error) {
    await discard();
    throw error;
  }
  let isPut = false;
  return {
    path,
    async put() {
      await script(put, [place, path, ...besides], { signal });
      isPut = true;
    },
    async [Symbol.asyncDispose]() {
      if (!isPut) await discard();
    },
  };
}

/** Throws `target-occupied` where there is something of that name. */
export async function requireFree(host: Host, place: string, options: CallOptions & { readonly user?: string | undefined }): Promise<void> {
  const { user, ...call } = options;
  const command = { argv: ['sh', '-c', exists, 'holdfast', place], user };
  const { stdout } = await runTool(host, { command, program: 'sh', what: `Looking at ${place}`, read: readFileFailure }, call);
  if (stdout.trim() === 'no') return;
  throw new CodedError({
    code: 'target-occupied',
    message: `There is a file ${JSON.stringify(place)} on ${host.description} already`,
    hint: 'Restore to another path, or ask for it to be replaced. Nothing was changed.',
    context: { path: place },
  });
}

/** What the system's own tools say about files, at LC_ALL=C. */
export function readFileFailure(said: string): FailureReading | undefined {
  if (/Permission denied|Operation not permitted|Read-only file system/i.test(said)) {
    return { code: 'source-denied', hint: 'Give the account the right to the file and its folder, or name another account (runAs).' };
  }
  if (/No space left on device|Disk quota exceeded/i.test(said)) {
    return { code: 'target-unwritable', hint: 'Make room on the disk of that host and run again.', again: true };
  }
  if (/No such file or directory|Directory nonexistent|nonexistent directory/i.test(said))
    return { code: 'source-not-found', hint: 'Look whether the folder is there and its disk is mounted.' };
  return undefined;
}

function readWriteFailure(said: string): FailureReading | undefined {
  const reading = readFileFailure(said);
  return reading === undefined ? undefined : { ...reading, code: 'target-unwritable' };
}
