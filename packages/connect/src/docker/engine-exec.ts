import type { Duplex } from 'node:stream';
import { type Clock, CodedError } from '@holdfast/kernel';
import type { CallOptions, Host } from '../port.ts';
import { runToEnd } from '../run-to-end.ts';
import type { ContainerCommand } from './container-words.ts';
import { endMarkedWords, endOnEngineHostWords, markName } from './end-marked.ts';
import { createdExecSchema, type InspectedExec, inspectedExecSchema } from './engine-answers.ts';
import type { EngineClient } from './engine-client.ts';
import { inspectContainer, stateOf } from './engine-container.ts';
import { containerNotFound, containerNotRunning } from './engine-errors.ts';

export interface EngineExecContext {
  readonly engine: EngineClient;
  readonly containerId: string;
  /** For messages: `docker pg`. */
  readonly link: string;
  readonly clock: Clock;
  /** The machine that the engine runs on, where the chain passes it. */
  readonly engineHost: Host | undefined;
}

/** When the container was started: another time later means that whatever ran in it before is gone. Throws where it does not run now. */
export async function requireRunning({ engine, containerId, link }: EngineExecContext, options: CallOptions = {}): Promise<string> {
  const container = await inspectContainer(engine, containerId, options);
  if (container === undefined) throw containerNotFound(link, containerId.slice(0, 12));
  const state = stateOf(container);
  if (state !== 'running') throw containerNotRunning(link, state);
  return container.State.StartedAt;
}

/** How the container went away since `startedAt`, in one word, or undefined where it did not. */
export async function whatBecameOf({ engine, containerId }: EngineExecContext, startedAt: string): Promise<string | undefined> {
  const container = await inspectContainer(engine, containerId);
  if (container === undefined) return 'removed';
  const state = stateOf(container);
  if (state === 'paused') return 'paused';
  if (state === 'restarting' || (state === 'running' && container.State.StartedAt !== startedAt)) return 'restarted';
  return state === 'running' ? undefined : 'stopped';
}

/** Prepares a command in the container. Nothing runs yet. */
export async function createExec(
  { engine, containerId, link }: EngineExecContext,
  command: ContainerCommand,
  mark: string,
  streams: { readonly stdin: boolean; readonly output: boolean },
  signal?: AbortSignal,
): Promise<string> {
  const environment = Object.entries({ ...command.environment, ...(mark === '' ? {} : { [markName]: mark }) });
  try {
    const { Id } = await engine.json(createdExecSchema, {
      method: 'POST',
      path: `/containers/${containerId}/exec`,
      body: {
        AttachStdin: streams.stdin,
        AttachStdout: streams.output,
        AttachStderr: streams.output,
        Tty: false,
        Privileged: false,
        Cmd: command.words,
        Env: environment.map(([name, value]) => `${name}=${value}`),
        ...(command.user === undefined ? {} : { User: command.user }),
        ...(command.workingDirectory === undefined ? {} : { WorkingDir: command.workingDirectory }),
      },
      signal,
      doing: 'preparing the command',
    });
    return Id;
  } catch (error) {
    if (!CodedError.is(error, 'engine-refused')) throw error;
    const { status } = error.context;
    if (status === 404) throw containerNotFound(link, containerId.slice(0, 12));
    if (status === 409) throw containerNotRunning(link, 'it stopped or was paused just now');
    throw error;
  }
}

/** Starts a prepared command; its streams are on the connection. */
export async function startExec({ engine }: EngineExecContext, execId: string, signal?: AbortSignal): Promise<Duplex> {
  return await engine.upgrade({
    method: 'POST',
    path: `/exec/${execId}/start`,
    body: { Detach: false, Tty: false },
    signal,
    doing: 'starting the command',
  });
}

/** How the command is now, or undefined where the engine knows nothing of it any more. */
export async function inspectExec({ engine }: EngineExecContext, execId: string): Promise<InspectedExec | undefined> {
  try {
    return await engine.json(inspectedExecSchema, { method: 'GET', path: `/exec/${execId}/json`, doing: 'asking how the command ended' });
  } catch (error) {
    if (CodedError.is(error, 'engine-refused') && error.context['status'] === 404) return undefined;
    throw error;
  }
}

export interface MarkedCommand {
  readonly execId: string;
  readonly mark: string;
  readonly user: string | undefined;
}

/**
 * Sends a signal to a command in the container and to all that it started, by a second command in there; where that does not work, from the
 * machine of the engine. False where neither way reached it.
 */
export async function signalMarked(context: EngineExecContext, marked: MarkedCommand, signal: 'PIPE' | 'TERM' | 'KILL'): Promise<boolean> {
  // Root of the container may lack the right to see and to signal others' processes, but everyone may their own.
  for (const user of new Set([marked.user, '0'])) {
    if ((await runDetached(context, endMarkedWords(marked.mark, signal), user)) === 0) return true;
  }
  const { engineHost, containerId } = context;
  const found = await inspectExec(context, marked.execId);
  if (engineHost === undefined || found?.Running !== true || typeof found.Pid !== 'number' || found.Pid <= 1) return false;
  const ended = await runToEnd(engineHost, { argv: endOnEngineHostWords(found.Pid, containerId, signal) }, { timeoutMs: 30_000 });
  return ended.exit.kind === 'exited' && ended.exit.code === 0;
}

/** Runs a small command without its streams. Returns its exit code, or undefined where it did not run or did not end soon. */
async function runDetached(context: EngineExecContext, words: readonly string[], user: string | undefined): Promise<number | undefined> {
  const command = { words, environment: {}, user, workingDirectory: undefined };
  try {
    const execId = await createExec(context, command, '', { stdin: false, output: false });
    await context.engine.run({
      method: 'POST',
      path: `/exec/${execId}/start`,
      body: { Detach: true, Tty: false },
      doing: 'ending the command',
    });
    return (await untilEnded(context, execId, 10_000))?.ExitCode ?? undefined;
  } catch (error) {
    if (!CodedError.is(error)) throw error;
    return undefined;
  }
}

/** Asks until the command has a process, so that it can be signalled, or has ended, or the time is over. */
export async function untilStarted(context: EngineExecContext, execId: string, withinMs: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += 20) {
    const found = await inspectExec(context, execId);
    if (found === undefined || !found.Running || (found.Pid ?? 0) > 0) return;
    await context.clock.sleep(20);
  }
}

/** Asks until the command has ended. Undefined where it still runs after that time, or where the engine does not know it any more. */
export async function untilEnded(context: EngineExecContext, execId: string, withinMs: number): Promise<InspectedExec | undefined> {
  for (let waitedMs = 0, pauseMs = 5; ; waitedMs += pauseMs, pauseMs = Math.min(500, pauseMs * 2)) {
    const found = await inspectExec(context, execId);
    if (found === undefined || !found.Running) return found;
    if (waitedMs >= withinMs) return undefined;
    await context.clock.sleep(pauseMs);
  }
}
