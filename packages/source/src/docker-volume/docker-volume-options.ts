import { z } from 'zod';
import { AccountName, FarPath } from '../option-types.ts';

export const DockerVolumeOptions = z.strictObject({
  /** Names of the volumes. */
  volumes: z
    .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/, 'This is not the name of a volume.'))
    .min(1)
    .max(100),
  program: z.enum(['docker', 'podman']).default('docker'),
  /** Where the engine listens on that host, where it is another place than the program's own. */
  socket: FarPath.optional(),
  /** Account of the host to run the program as. */
  runAs: AccountName.optional(),
  /** What happens to the running containers that use one of the volumes while it is read. */
  containers: z.enum(['run', 'pause', 'stop']).default('run'),
});
export type DockerVolumeOptions = z.output<typeof DockerVolumeOptions>;

/** The client with what makes it speak to the engine. */
export function clientOf({ program, socket }: DockerVolumeOptions): readonly string[] {
  if (socket === undefined) return [program];
  return program === 'docker' ? ['docker', '-H', `unix://${socket}`] : ['podman', '--url', `unix://${socket}`];
}
