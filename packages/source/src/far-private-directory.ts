import type { CallOptions, Host } from '@holdfast/connect/port';
import { collectTail } from '@holdfast/connect/run';
import { CodedError, type RandomSource, type Secret, systemRandom, toHex } from '@holdfast/kernel';
import { lastWords } from './source-errors.ts';

/** A directory on a host that only its account can look into, for as long as this is held. */
export interface FarPrivateDirectory extends AsyncDisposable {
  /** Its absolute path there. */
  readonly path: string;
}

export interface PrivateDirectoryOptions extends CallOptions {
  /** The account that will use the directory, as in Command. */
  readonly user?: string | undefined;
  readonly random?: RandomSource;
}

/**
 * Makes the directory, reads the files from standard input (each ends at the line that came first), tells the path, and waits. The end of
 * standard input is the end of the directory, so that it goes away with whoever made it, also when that was killed or the link broke.
 */
const script = `umask 077
directory=$(mktemp -d "\${TMPDIR:-/tmp}/holdfast-private.XXXXXXXXXX") || exit 73
trap 'rm -rf -- "$directory"' EXIT
trap 'exit 75' HUP INT TERM PIPE
IFS= read -r end || exit 74
for name do
  while IFS= read -r line || exit 74; [ "$line" != "$end" ]; do printf '%s\\n' "$line" || exit 74; done >"$directory/$name" || exit 74
done
printf '%s\\n' "$directory"
while IFS= read -r line; do :; done
exit 0`;

/**
 * Makes a directory (0700) with these text files (0600, each ends with a newline) on the host. Their contents travel by standard input only.
 * Disposing of it removes it and waits until that is done; it also goes when this process or the connection ends, whatever ended them.
 */
export async function makeFarPrivateDirectory(
  host: Host,
  files: Readonly<Record<string, Secret | string>> = {},
  options: PrivateDirectoryOptions = {},
): Promise<FarPrivateDirectory> {
  const { signal, user } = options;
  signal?.throwIfAborted();
  const released = Promise.withResolvers<void>();
  const end = toHex((options.random ?? systemRandom).bytes(16));
  const stdin = heldInput(end, Object.values(files), released.promise);
  // Not the caller's signal: an abort must leave it the time to remove the directory.
  const guard = await host.exec({ argv: ['sh', '-c', script, 'holdfast', ...Object.keys(files)], user }, { stdin });
  const telling = collectTail(guard.stderr).catch(() => '');
  const output = guard.stdout[Symbol.asyncIterator]();
  const remove = async (): Promise<void> => {
    released.resolve();
    // A link that broke meanwhile has ended standard input as well: then the far side cleans up by itself.
    await output.next().catch(() => undefined);
    await guard.exit.catch(() => undefined);
    await guard[Symbol.asyncDispose]();
  };
  const release = (): void => released.resolve();
  signal?.addEventListener('abort', release, { once: true });
  try {
    const path = await firstLine(output);
    signal?.throwIfAborted();
    if (path === undefined) {
      await guard.exit;
      throw notMade(host, await telling);
    }
    return { path, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', release);
  }
}

async function* heldInput(end: string, contents: readonly (Secret | string)[], released: Promise<void>): AsyncGenerator<Uint8Array> {
  const texts = contents.map((content) => (typeof content === 'string' ? content : content.reveal()));
  const lines = texts.map((text) => `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${end}\n`);
  yield new TextEncoder().encode(`${end}\n${lines.join('')}`);
  await released;
}

/** Reads up to the first newline; undefined where the output ends before it. */
async function firstLine(output: AsyncIterator<Uint8Array>): Promise<string | undefined> {
  let text = '';
  while (!text.includes('\n')) {
    const next = await output.next();
    if (next.done === true) return undefined;
    text += new TextDecoder().decode(next.value);
  }
  return text.slice(0, text.indexOf('\n'));
}

function notMade(host: Host, said: string): CodedError {
  return new CodedError({
    code: 'target-unwritable',
    message: `No private directory could be made on ${host.description}: ${lastWords(said)}`,
    hint: 'Look whether the folder for temporary files there (TMPDIR, else /tmp) is writable and has room.',
  });
}
