import { CodedError } from '@holdfast/kernel';
import type { CallOptions } from '../port.ts';
import { type Candidate, type ContainerChoice, chooseContainer, describeChoice, labelFilters } from './container-choice.ts';
import { type InspectedContainer, inspectedContainerSchema, listedContainersSchema } from './engine-answers.ts';
import type { EngineClient } from './engine-client.ts';
import { containerNotFound } from './engine-errors.ts';

/** Looks the container up that is meant. From then on it is known by its whole id, which no other container ever gets. */
export async function findContainer(engine: EngineClient, choice: ContainerChoice, options: CallOptions = {}): Promise<InspectedContainer> {
  const filters = labelFilters(choice);
  if (filters.length === 0) {
    const named = 'name' in choice ? choice.name : 'id' in choice ? choice.id : '';
    const found = await inspectContainer(engine, named, options);
    if (found === undefined) throw containerNotFound(engine.link, describeChoice(choice));
    // An engine also takes the beginning of an id for a name, and the other way round.
    chooseContainer(choice, [candidateOf(found)], engine.link);
    return found;
  }
  const listed = await engine.json(listedContainersSchema, {
    method: 'GET',
    path: '/containers/json',
    query: { all: '1', filters: JSON.stringify({ label: filters }) },
    signal: options.signal,
    doing: 'listing the containers',
  });
  const candidates = listed.map(({ Id, Names, Labels, State }): Candidate => {
    return { id: Id, names: (Names ?? []).map(plainName), labels: Labels ?? {}, isRunning: State === 'running' };
  });
  const chosen = chooseContainer(choice, candidates, engine.link);
  const found = await inspectContainer(engine, chosen.id, options);
  if (found === undefined) throw containerNotFound(engine.link, describeChoice(choice));
  return found;
}

/** How the container is now, or undefined when there is none of that name or id. */
export async function inspectContainer(
  engine: EngineClient,
  nameOrId: string,
  options: CallOptions = {},
): Promise<InspectedContainer | undefined> {
  try {
    return await engine.json(inspectedContainerSchema, {
      method: 'GET',
      path: `/containers/${encodeURIComponent(nameOrId)}/json`,
      signal: options.signal,
      doing: 'inspecting the container',
    });
  } catch (error) {
    if (CodedError.is(error, 'engine-refused') && error.context['status'] === 404) return undefined;
    throw error;
  }
}

export function candidateOf(inspected: InspectedContainer): Candidate {
  const { Id, Name, Config, State } = inspected;
  return { id: Id, names: [plainName(Name)], labels: Config.Labels ?? {}, isRunning: State.Running };
}

/** Docker puts a slash before a name, Podman does not. */
export function plainName(name: string): string {
  return name.startsWith('/') ? name.slice(1) : name;
}

/** The container's state in one word, as it matters to a command that is to run in it. */
export function stateOf({ State }: InspectedContainer): string {
  if (State.Paused) return 'paused';
  if (State.Restarting) return 'restarting';
  return State.Running ? 'running' : State.Status;
}
