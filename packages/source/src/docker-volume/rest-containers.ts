import type { CallOptions, Host } from '@holdfast/connect/port';
import { collectTail } from '@holdfast/connect/run';
import { CodedError } from '@holdfast/kernel';
import { runTool } from '../run-tool.ts';
import { lastWords } from '../source-errors.ts';
import { clientOf, type DockerVolumeOptions } from './docker-volume-options.ts';
import { readFailure } from './find-volumes.ts';

/** Containers that are at rest for as long as this is held. */
export interface RestingContainers extends AsyncDisposable {
  readonly names: readonly string[];
}

/**
 * `rest wake count NAME… CLIENT…`: brings the containers to rest, says so, and waits. The end of standard input, or being asked to end, wakes
 * them: so they wake also when whoever asked was killed or the link broke. What was brought to rest before one that failed is woken, too. Waking
 * is done in a session of its own, where nobody ends it half-way.
 */
const guard = `rest=$1 wake=$2 count=$3; shift 3
trap : HUP INT TERM PIPE
names= i=0
while [ "$i" -lt "$count" ]; do names="$names $1"; i=$((i+1)); shift; done
resting= code=0
for name in $names; do
  if "$@" "$rest" "$name" >/dev/null </dev/null; then resting="$resting $name"; else code=1; break; fi
done
if [ "$code" = 0 ]; then echo resting; cat >/dev/null; fi
apart=; command -v setsid >/dev/null && apart=setsid
$apart sh -c 'wake=$1 resting=$2 code=0; shift 2; for name in $resting; do "$@" "$wake" "$name" >/dev/null || code=1; done; exit "$code"' \
  sh "$wake" "$resting" "$@" </dev/null || code=1
exit "$code"`;

/**
 * Pauses or stops the running containers that use one of the volumes, and returns when they are at rest. Disposing of the result wakes them and
 * rejects if one does not wake. With `run` nothing happens to any.
 */
export async function restContainers(host: Host, options: DockerVolumeOptions, call: CallOptions = {}): Promise<RestingContainers> {
  const { containers, program, runAs } = options;
  const names = containers === 'run' ? [] : await usersOf(host, options, call);
  if (names.length === 0) return { names: [], [Symbol.asyncDispose]: async () => undefined };
  const released = Promise.withResolvers<void>();
  const verbs = containers === 'pause' ? ['pause', 'unpause'] : ['stop', 'start'];
  const argv = ['sh', '-c', guard, 'holdfast', ...verbs, String(names.length), ...names, ...clientOf(options)];
  // Not the caller's signal: an abort must leave it the time to wake them.
  const running = await host.exec({ argv, user: runAs }, { stdin: held(released.promise) });
  const telling = collectTail(running.stderr).catch(() => '');
  const output = running.stdout[Symbol.asyncIterator]();
  const first = await output.next();
  const failed = async (): Promise<CodedError> => {
    released.resolve();
    const said = lastWords(await telling);
    await running.exit.catch(() => undefined);
    await running[Symbol.asyncDispose]();
    return new CodedError({
      code: 'command-failed',
      message: `The containers ${names.join(', ')} could not be brought to rest or woken by ${program} on ${host.description}${said === '' ? '' : `: ${said}`}`,
      hint: 'See in which state they are.',
    });
  };
  if (first.done === true) throw await failed();
  return {
    names,
    [Symbol.asyncDispose]: async () => {
      released.resolve();
      while ((await output.next()).done !== true);
      const exit = await running.exit;
      if (exit.kind !== 'exited' || exit.code !== 0) throw await failed();
      await running[Symbol.asyncDispose]();
    },
  };
}

async function usersOf(host: Host, options: DockerVolumeOptions, call: CallOptions): Promise<readonly string[]> {
  const { program, runAs, volumes } = options;
  const filters = volumes.flatMap((name) => ['--filter', `volume=${name}`]);
  const command = { argv: [...clientOf(options), 'ps', '--format', '{{.Names}}', '--filter', 'status=running', ...filters], user: runAs };
  const what = `Asking ${program} which containers use the volumes`;
  const { stdout } = await runTool(host, { command, program, what, read: readFailure, otherwise: 'source-unreachable' }, call);
  // Behind a comma are the names that other containers know it by.
  const names = stdout.split('\n').map((line) => line.replace(/,.*/, ''));
  return [...new Set(names.filter((name) => /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name)))].sort();
}

async function* held(until: Promise<void>): AsyncGenerator<Uint8Array> {
  await until;
  yield* [];
}
