import type { Host } from '@holdfast/connect/port';
import { collectComplaints, lastComplaints } from './complaints.ts';
import { pathOf } from './gnu-listing.ts';
import { sourceIncomplete } from './source-incomplete.ts';

export interface DirectoryTag {
  readonly name: Uint8Array;
  /** What the file begins with; empty if its being there is enough. */
  readonly header: Uint8Array;
}

const lines = (roots: string, oneFileSystem: boolean): readonly string[] => [
  'LC_ALL=C; export LC_ALL',
  'name=$1; header=$2; length=$3; shift 3',
  `find ${roots}${oneFileSystem ? ' -xdev' : ''} -name "$name" -type f -exec sh -c 'test "$(head -c "$3" "$1" | tr -d "\\000")" = "$2"' sh {} "$header" "$length" \\; -print0`,
  "printf 'z\\000'",
];

/**
 * The directories at and below the targets that hold a file of that name with that beginning. A file that cannot be read tags nothing: rather
 * too much in a backup than too little. `source-incomplete` if the search was cut short.
 */
export async function* findTagged(
  host: Host,
  targets: readonly Uint8Array[],
  { name, header }: DirectoryTag,
  { oneFileSystem, signal }: { readonly oneFileSystem: boolean; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<Uint8Array, void, undefined> {
  const script = lines('"$@"', oneFileSystem).join('\n');
  const argv = ['sh', '-c', script, 'holdfast', escapeGlob(name), header, String(header.byteLength), ...targets];
  await using running = await host.exec({ argv }, { signal });
  const complaining = collectComplaints(running.stderr);
  complaining.catch(() => undefined);
  running.exit.catch(() => undefined);
  let held = Buffer.alloc(0);
  let isEnded = false;
  for await (const bytes of running.stdout) {
    held = Buffer.concat([held, bytes]);
    let at = 0;
    for (let end = held.indexOf(0, at); end >= 0; end = held.indexOf(0, at)) {
      const field = held.subarray(at, end);
      at = end + 1;
      if (isEnded) throw sourceIncomplete('The search for caches', 'something follows its end');
      if (field.toString('latin1') === 'z') isEnded = true;
      else yield directoryOf(pathOf(Buffer.from(field)));
    }
    held = Buffer.from(held.subarray(at));
  }
  const exit = await running.exit;
  if (exit.kind === 'exited' && exit.code === 0 && isEnded && held.byteLength === 0) return;
  throw sourceIncomplete(`The search for caches on ${host.description}`, 'its end is missing', lastComplaints(await complaining));
}

function directoryOf(path: Buffer): Buffer {
  const at = path.lastIndexOf('/');
  return at <= 0 ? Buffer.from('/') : Buffer.from(path.subarray(0, at));
}

/** A pattern of find that matches exactly this name. */
function escapeGlob(name: Uint8Array): Buffer {
  return Buffer.from(
    Buffer.from(name)
      .toString('latin1')
      .replace(/[\\*?[\]]/g, '\\$&'),
    'latin1',
  );
}
