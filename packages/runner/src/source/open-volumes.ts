import type { Host } from '@holdfast/connect/port';
import type { DockerVolumeSource, FilesSource } from '@holdfast/contract';
import { DockerVolumeOptions, type FoundVolume, findVolumes, restContainers } from '@holdfast/source/docker-volume';
import type { RunContext } from '../plan/run-context.ts';

/** Volumes of a host as directories of it. */
export interface OpenVolumes {
  readonly files: FilesSource;
  /** Does the reading while the containers that use them are at rest, if that was asked for. */
  readonly atRest: (reading: () => Promise<void>) => Promise<void>;
}

export async function openVolumes(source: DockerVolumeSource, host: Host, { signal, teller }: RunContext): Promise<OpenVolumes> {
  const options = volumeOptions(source);
  const volumes = await findVolumes(host, options, { signal });
  return {
    files: filesOfVolumes(source, volumes),
    atRest: async (reading) => {
      await using resting = await restContainers(host, options, { signal });
      const { names } = resting;
      if (names.length > 0) teller.log('info', `${options.containers === 'pause' ? 'Paused' : 'Stopped'} ${names.join(', ')}`);
      await reading();
    },
  };
}

/** What the driver of volumes itself takes of the source. */
export function volumeOptions({ volumes, program, socket, containers }: DockerVolumeSource): DockerVolumeOptions {
  return DockerVolumeOptions.parse({ volumes: [...new Set(volumes)], program, socket, containers });
}

export function filesOfVolumes(source: DockerVolumeSource, volumes: readonly FoundVolume[]): FilesSource {
  const { excludes, excludeCaches, oneFileSystem, excludeLargerThanBytes } = source;
  const rules = { excludes, excludeCaches, oneFileSystem, excludeLargerThanBytes };
  return { driver: 'files', paths: volumes.map(({ path }) => path), ...rules };
}
