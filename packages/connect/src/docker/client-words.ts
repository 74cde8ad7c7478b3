import type { Word } from '../port.ts';
import type { ContainerCommand } from './container-words.ts';
import { markName } from './end-marked.ts';

/**
 * The words for the command line client to run a command in a container. No terminal is ever asked for (F16). Behind the container's id the client
 * takes nothing for an option of its own.
 */
export function execWords(
  client: readonly Word[],
  containerId: string,
  command: ContainerCommand,
  mark: string,
  hasStdin: boolean,
): readonly Word[] {
  const environment = Object.entries({ ...command.environment, ...(mark === '' ? {} : { [markName]: mark }) });
  return [
    ...client,
    'exec',
    ...(hasStdin ? ['-i'] : []),
    ...environment.flatMap(([name, value]) => ['-e', `${name}=${value}`]),
    ...(command.user === undefined ? [] : ['-u', command.user]),
    ...(command.workingDirectory === undefined ? [] : ['-w', command.workingDirectory]),
    containerId,
    ...command.words,
  ];
}
