import { CodedError } from '@holdfast/kernel';
import { z } from 'zod';
import { linkUnreachable } from '../link-errors.ts';
import type { CallOptions, Host, Word } from '../port.ts';
import { describeExit, type EndedCommand, runToEnd, succeeded } from '../run-to-end.ts';
import { type ContainerChoice, chooseContainer, describeChoice, labelFilters } from './container-choice.ts';
import { endMarkedWords } from './end-marked.ts';
import { type InspectedContainer, inspectedContainerSchema } from './engine-answers.ts';
import { candidateOf, stateOf } from './engine-container.ts';
import { containerNotFound, containerNotRunning, engineRefused, strangeEngine } from './engine-errors.ts';

const answerTimeoutMs = 60_000;
const noSuchContainer = /no such (?:object|container)|no container with name or id/i;

/** What the command line client of a host says and does, where the engine's API cannot be reached. */
export class CliEngine {
  readonly via: Host;
  /** The client's own words: `docker`, or `docker -H unix:///…`. */
  readonly words: readonly Word[];
  /** For messages: `ssh deploy@db1 → docker pg`. */
  link: string;

  constructor(via: Host, words: readonly Word[], link: string) {
    this.via = via;
    this.words = words;
    this.link = link;
  }

  /** The container that is meant, as `findContainer` finds it. */
  async find(choice: ContainerChoice, options: CallOptions = {}): Promise<InspectedContainer> {
    const filters = labelFilters(choice).flatMap((filter) => ['--filter', `label=${filter}`]);
    const named = 'name' in choice ? [choice.name] : 'id' in choice ? [choice.id] : undefined;
    const ids = named ?? (await this.#list(filters, options));
    const found = ids.length === 0 ? [] : await this.#inspect(ids, options);
    const chosen = chooseContainer(choice, found.map(candidateOf), this.link);
    const container = found.find(({ Id }) => Id === chosen.id);
    if (container === undefined) throw containerNotFound(this.link, describeChoice(choice));
    return container;
  }

  /** When the container was started. Throws where it does not run now. */
  async requireRunning(id: string, options: CallOptions = {}): Promise<string> {
    const [container] = await this.#inspect([id], options);
    if (container === undefined) throw containerNotFound(this.link, id.slice(0, 12));
    const state = stateOf(container);
    if (state !== 'running') throw containerNotRunning(this.link, state);
    return container.State.StartedAt;
  }

  /** How the container went away since `startedAt`, in one word, or undefined where it did not. */
  async whatBecameOf(id: string, startedAt: string): Promise<string | undefined> {
    const [container] = await this.#inspect([id], {});
    if (container === undefined) return 'removed';
    const state = stateOf(container);
    if (state === 'paused') return 'paused';
    if (state === 'restarting' || (state === 'running' && container.State.StartedAt !== startedAt)) return 'restarted';
    return state === 'running' ? undefined : 'stopped';
  }

  /**
   * Sends a signal to what carries the mark in the container, by a second command. Signal 0 only looks. `found`: it was there; `none`: nothing is
   * there any more; `unknown`: nobody can tell. `wasSeen`: an earlier call found it, so that where that was it can be told to be gone.
   */
  async signalMarked(
    id: string,
    mark: string,
    user: string | undefined,
    signal: '0' | 'PIPE' | 'TERM' | 'KILL',
    wasSeen = false,
  ): Promise<'found' | 'none' | 'unknown'> {
    let answer: 'none' | 'unknown' = 'unknown';
    for (const account of new Set([user, '0'])) {
      const as = account === undefined ? [] : ['-u', account];
      const { exit } = await this.#run(['exec', ...as, id, ...endMarkedWords(mark, signal)], {});
      if (succeeded(exit)) return 'found';
      if (exit.kind === 'exited' && exit.code === 3) answer = 'none';
    }
    if (answer === 'none') return answer;
    // A container without a shell: its processes are also processes of the machine, where root sees the mark too.
    const { exit } = await runToEnd(this.via, { argv: endMarkedWords(mark, signal) }, { timeoutMs: answerTimeoutMs });
    if (succeeded(exit)) return 'found';
    return wasSeen && exit.kind === 'exited' && exit.code === 3 ? 'none' : answer;
  }

  async #list(filters: readonly string[], options: CallOptions): Promise<readonly string[]> {
    const ended = this.#succeeded(await this.#run(['ps', '--all', '--quiet', '--no-trunc', ...filters], options), 'listing the containers');
    const ids = new TextDecoder()
      .decode(ended.stdout)
      .split('\n')
      .filter((line) => line !== '');
    const strange = ids.find((id) => !/^[0-9a-f]{64}$/.test(id));
    if (strange !== undefined) throw strangeEngine(this.link, 'listing the containers', strange.slice(0, 80));
    return ids;
  }

  async #inspect(ids: readonly string[], options: CallOptions): Promise<readonly InspectedContainer[]> {
    const doing = 'inspecting the container';
    const ended = await this.#run(['inspect', '--type', 'container', ...ids], options);
    if (!succeeded(ended.exit) && noSuchContainer.test(ended.stderrTail)) return [];
    const { stdout } = this.#succeeded(ended, doing);
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder().decode(stdout));
    } catch (error) {
      throw strangeEngine(this.link, doing, 'no JSON', error);
    }
    const checked = z.array(inspectedContainerSchema).safeParse(value);
    if (!checked.success) throw strangeEngine(this.link, doing, z.prettifyError(checked.error), checked.error);
    return checked.data;
  }

  async #run(words: readonly string[], { signal, timeoutMs }: CallOptions): Promise<EndedCommand> {
    const limits = { signal, timeoutMs: Math.min(timeoutMs ?? answerTimeoutMs, answerTimeoutMs), maximumStdoutBytes: 16 * 1024 * 1024 };
    return await runToEnd(this.via, { argv: [...this.words, ...words] }, limits);
  }

  #succeeded(ended: EndedCommand, doing: string): EndedCommand {
    const { exit, stderrTail } = ended;
    if (succeeded(exit)) return ended;
    const said = stderrTail.trim().split('\n').at(-1) ?? '';
    const program = String(this.words[0]);
    if (exit.kind === 'exited' && exit.code === 127) {
      throw new CodedError({
        code: 'tool-missing',
        message: `${this.via.description} has no ${program}`,
        hint: 'Name the engine that the container belongs to, or the host that it runs on.',
        context: { link: this.link, tool: program },
      });
    }
    if (/cannot connect|permission denied|is the docker daemon running/i.test(said)) {
      throw linkUnreachable(`The container engine of ${this.via.description}`, 'there', said, this.link);
    }
    throw engineRefused(this.link, doing, 0, said === '' ? `its client ${describeExit(exit)}` : said);
  }
}
