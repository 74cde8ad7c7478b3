export { archiveOf, type ContainerArchive, type PathStat } from './container-archive.ts';
export { type ContainerChoice, containerChoiceSchema } from './container-choice.ts';
export { type DockerConnection, type DockerPorts, dockerConnector } from './docker-connector.ts';
export type { EngineAddress, EngineProgram } from './engine-dialer.ts';
