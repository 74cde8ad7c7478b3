import { z } from 'zod';
import { containerNotFound } from './engine-errors.ts';

const noNul = (text: string): boolean => !text.includes('\0') && text.isWellFormed();
const labelText = z.string().min(1).max(4096).refine(noNul, 'must be text');

/** Which container is meant. Never by a part of its name: `db` is not `db-1`, and not the container whose id begins with `db`. */
export const containerChoiceSchema = z.union([
  z.strictObject({ name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/, 'is not the name of a container') }),
  z.strictObject({ id: z.string().regex(/^[0-9a-f]{12,64}$/, 'is not the id of a container (12 to 64 hexadecimal digits)') }),
  z.strictObject({ service: labelText, project: labelText.optional() }),
  z.strictObject({
    label: labelText.refine((name) => !name.includes('='), 'must be the name of a label'),
    value: z.string().max(4096).refine(noNul).optional(),
  }),
]);

export type ContainerChoice = z.infer<typeof containerChoiceSchema>;

export interface Candidate {
  readonly id: string;
  /** Without the slash that the engine puts before it. */
  readonly names: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly isRunning: boolean;
}

const serviceLabel = 'com.docker.compose.service';
const projectLabel = 'com.docker.compose.project';
const oneOffLabel = 'com.docker.compose.oneoff';

/** `pg`, `the service db of the project shop`, …: for messages and for the description of the host until the container's own name is known. */
export function describeChoice(choice: ContainerChoice): string {
  if ('name' in choice) return choice.name;
  if ('id' in choice) return choice.id.slice(0, 12);
  if ('service' in choice)
    return `of the service ${shown(choice.service)}${choice.project === undefined ? '' : ` of the project ${shown(choice.project)}`}`;
  return `with the label ${shown(choice.value === undefined ? choice.label : `${choice.label}=${choice.value}`)}`;
}

/** What the engine is to list, as label filters; none for a choice by name or id. */
export function labelFilters(choice: ContainerChoice): readonly string[] {
  if ('service' in choice) {
    const project = choice.project === undefined ? [] : [`${projectLabel}=${choice.project}`];
    return [`${serviceLabel}=${choice.service}`, ...project];
  }
  if ('label' in choice) return [choice.value === undefined ? choice.label : `${choice.label}=${choice.value}`];
  return [];
}

/**
 * The one container that is meant, among whatever an engine listed: its own filters are not relied on. If several fit but only one of them runs,
 * it is that one. None or more are `container-not-found`.
 */
export function chooseContainer(choice: ContainerChoice, listed: readonly Candidate[], link: string): Candidate {
  const fitting = listed.filter((candidate) => fits(choice, candidate));
  const running = fitting.filter(({ isRunning }) => isRunning);
  const [chosen, ...others] = running.length === 1 ? running : fitting;
  if (chosen !== undefined && others.length === 0) return chosen;
  throw containerNotFound(
    link,
    describeChoice(choice),
    fitting.map(({ id, names }) => names[0] ?? id.slice(0, 12)),
  );
}

function fits(choice: ContainerChoice, { id, names, labels }: Candidate): boolean {
  if ('name' in choice) return names.includes(choice.name);
  if ('id' in choice) return id.startsWith(choice.id);
  const has = (name: string): boolean => Object.hasOwn(labels, name);
  if ('service' in choice) {
    if (!has(serviceLabel) || labels[serviceLabel] !== choice.service) return false;
    // `docker compose run` makes containers of the same service that are not the service.
    if (has(oneOffLabel) && labels[oneOffLabel]?.toLowerCase() === 'true') return false;
    return choice.project === undefined || (has(projectLabel) && labels[projectLabel] === choice.project);
  }
  return has(choice.label) && (choice.value === undefined || labels[choice.label] === choice.value);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
