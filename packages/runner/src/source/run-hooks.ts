import type { Host } from '@holdfast/connect/port';
import { collectTail, describeExit, succeeded } from '@holdfast/connect/run';
import type { Hook } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import type { RunContext } from '../plan/run-context.ts';

/** For how long hooks may still work when the run was cancelled: what was brought to rest shall be woken. */
const lastMs = 8_000;

/** The hooks of one run. `places`: this machine, then the place behind each link of the chain. */
export class RunHooks {
  readonly #hooks: readonly Hook[];
  readonly #places: readonly Host[];
  readonly #context: RunContext;

  constructor(hooks: readonly Hook[], places: readonly Host[], context: RunContext) {
    this.#hooks = hooks;
    this.#places = places;
    this.#context = context;
  }

  /**
   * Does the work between those before and those after it. Those after it run also when it failed or was cancelled; what it failed with is
   * then thrown, and else the first failure of theirs that is not only to be noted.
   */
  async around(work: () => Promise<void>): Promise<void> {
    try {
      await this.#before();
      await work();
    } catch (error) {
      await this.#after(true).catch((second: unknown) => this.#tell(second));
      throw error;
    }
    await this.#after(false);
  }

  async #before(): Promise<void> {
    for (const hook of this.#hooks) if (hook.when === 'before') await this.#run(hook, this.#context.signal);
  }

  /** All of them, also when one fails. When the run was cancelled they have some seconds. */
  async #after(failed: boolean): Promise<void> {
    let first: unknown;
    for (const hook of this.#hooks) {
      if (hook.when !== 'after' || hook.after === (failed ? 'success' : 'failure')) continue;
      const { signal } = this.#context;
      try {
        await this.#run(hook, signal.aborted ? AbortSignal.timeout(lastMs) : signal);
      } catch (error) {
        first ??= error;
      }
    }
    if (first !== undefined) throw first;
  }

  async #run(hook: Hook, signal: AbortSignal): Promise<void> {
    const { teller, items } = this.#context;
    const program = hook.argv[0] ?? '';
    try {
      const host = this.#placeOf(hook);
      teller.advance({ step: hook.when === 'before' ? 'Running what comes before' : 'Running what comes after' });
      await runHook(host, hook, signal);
      teller.log('info', `Ran ${program} on ${host.description}`);
    } catch (error) {
      if (hook.failure === 'fail' || !CodedError.is(error) || signal.aborted) throw error;
      items.add({ path: program, kind: 'hook', reason: error.message });
      teller.log('warning', error.message);
    }
  }

  /** Beside a failure that counts more. */
  #tell(error: unknown): void {
    this.#context.teller.log('error', CodedError.is(error) ? error.message : String(error));
  }

  #placeOf({ link, argv }: Hook): Host {
    const place = this.#places.at(link ?? -1);
    if (place !== undefined) return place;
    throw new CodedError({
      code: 'invalid-argument',
      message: `${argv[0]} is to be run behind link ${link}, and the chain has ${this.#places.length - 1}`,
      hint: 'Choose another place for it in the settings of the backup.',
    });
  }
}

async function runHook(host: Host, { argv, workingDirectory, runAs, timeLimitSeconds }: Hook, signal: AbortSignal): Promise<void> {
  const command = { argv, workingDirectory, user: runAs };
  await using running = await host.exec(command, { signal, timeoutMs: timeLimitSeconds * 1000 });
  const [said, complained, exit] = await Promise.all([collectTail(running.stdout), collectTail(running.stderr), running.exit]);
  if (succeeded(exit)) return;
  const last = (complained.trim() || said.trim()).split('\n').at(-1) ?? '';
  throw new CodedError({
    code: 'command-failed',
    message: `${argv[0]} on ${host.description} ${describeExit(exit)}${last === '' ? '' : `: ${last}`}`,
    hint: 'It is one of the commands that are run before or after this backup. See whether it works by itself there.',
    context: exit.kind === 'exited' ? { exitCode: exit.code } : { signal: exit.signal },
  });
}
