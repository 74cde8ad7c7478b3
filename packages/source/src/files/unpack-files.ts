import type { Host } from '@holdfast/connect/port';
import { CodedError } from '@holdfast/kernel';
import { collectComplaints, lastComplaints, problemIn } from './complaints.ts';
import type { PackingKind } from './read-files.ts';

/** One entry that is not there or not as it was. */
export interface PushProblem {
  /** Relative to the target. */
  readonly path: Uint8Array;
  /** `content`: missing, or its content is not right. `metadata`: only its owner, mode, times or attributes. */
  readonly kind: 'content' | 'metadata';
  readonly reason: string;
}

export interface UnpackOptions {
  readonly packing: PackingKind;
  readonly target: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

/** Directories get their times and modes last, and what is in the way of a file is replaced, not written through. */
const gnuOptions = [
  '--delay-directory-restore',
  '--quoting-style=escape',
  '--warning=no-timestamp',
  '--xattrs',
  '--xattrs-include=*',
  '--acls',
];
/** What GNU tar says of an entry that it has restored, only not with all that belongs to it. */
const metadataOnly =
  /Cannot (?:change|set|utime|lsetxattr|chown|chmod)|Cannot set .*(?:acl|xattr)|setxattr|acl_set|can't (?:set|change|chown|chmod)/i;

/**
 * Unpacks an archive below the target, which is made if it is missing. Its names must be relative and plain: the engine makes no others. What
 * tar could not restore is returned; `target-unwritable` when it did not come to its end.
 */
export async function unpackFiles(
  host: Host,
  archive: AsyncIterable<Uint8Array>,
  { packing, target, signal }: UnpackOptions,
): Promise<PushProblem[]> {
  const script = 'mkdir -p "$1" && cd "$1" && shift && exec tar "$@"';
  const options = ['-x', '-p', '-f', '-', '--numeric-owner', ...(packing === 'gnu' ? gnuOptions : [])];
  const environment = { LC_ALL: 'C', TAR_OPTIONS: '' };
  const argv = ['sh', '-c', script, 'holdfast', target, ...options];
  await using running = await host.exec({ argv, environment }, { signal, stdin: archive });
  const complaining = collectComplaints(running.stderr);
  complaining.catch(() => undefined);
  running.exit.catch(() => undefined);
  for await (const _ of running.stdout) signal?.throwIfAborted();
  const exit = await running.exit;
  const complaints = await complaining;
  const problems: PushProblem[] = [];
  for (const line of complaints.lines) {
    const problem = problemIn(line, new Uint8Array(0), (name) => name);
    if (problem === undefined) continue;
    const kind = metadataOnly.test(line.toString('latin1')) ? 'metadata' : 'content';
    problems.push({ path: problem.path, kind, reason: problem.reason });
  }
  const isOver = exit.kind === 'exited' && (exit.code === 0 || (packing === 'gnu' && exit.code === 2 && problems.length > 0));
  if (isOver && complaints.dropped === 0) return problems;
  throw new CodedError({
    code: 'target-unwritable',
    message: `Unpacking on ${host.description} ${exit.kind === 'exited' ? `ended with code ${exit.code}` : `was ended by ${exit.signal}`}: ${lastComplaints(complaints)}`,
    hint: 'See whether there is room, and whether that account may write there. What was unpacked until then is there.',
    context: exit.kind === 'exited' ? { exitCode: exit.code } : { signal: exit.signal },
  });
}
