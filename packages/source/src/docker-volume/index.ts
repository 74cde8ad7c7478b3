export { DockerVolumeOptions } from './docker-volume-options.ts';
export { type FoundVolume, findVolumes } from './find-volumes.ts';
export { type RestingContainers, restContainers } from './rest-containers.ts';
