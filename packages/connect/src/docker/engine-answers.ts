import { z } from 'zod';

/** What Holdfast reads of the engine's answers. Whatever else is in them is left out, since versions and engines differ. */

const labels = z.record(z.string(), z.string()).nullish();

/** An entry of `GET /containers/json`. */
export const listedContainersSchema = z.array(
  z.object({
    Id: z.string().regex(/^[0-9a-f]{64}$/),
    Names: z.array(z.string()).nullish(),
    Labels: labels,
    State: z.string(),
  }),
);

/** `GET /containers/{id}/json`, and what `docker inspect` prints for each container. */
export const inspectedContainerSchema = z.object({
  Id: z.string().regex(/^[0-9a-f]{64}$/),
  Name: z.string(),
  State: z.object({
    Status: z.string(),
    Running: z.boolean(),
    Paused: z.boolean(),
    Restarting: z.boolean(),
    StartedAt: z.string(),
  }),
  Config: z.object({ Labels: labels }),
  HostConfig: z.object({ NetworkMode: z.string().nullish() }).nullish(),
  NetworkSettings: z
    .object({ Networks: z.record(z.string(), z.object({ IPAddress: z.string().nullish() }).nullish()).nullish() })
    .nullish(),
});

export type InspectedContainer = z.infer<typeof inspectedContainerSchema>;

/** `POST /containers/{id}/exec`. */
export const createdExecSchema = z.object({ Id: z.string().regex(/^[0-9a-f]{64}$/) });

/** `GET /exec/{id}/json`. There is no exit code while it runs. */
export const inspectedExecSchema = z.object({
  Running: z.boolean(),
  ExitCode: z.int().nullish(),
  /** As the engine's host counts processes; 0 for one that never started. */
  Pid: z.int().nonnegative().nullish(),
});

export type InspectedExec = z.infer<typeof inspectedExecSchema>;

/** The header `X-Docker-Container-Path-Stat`, in Base64. `mode` is Go's `FileMode`. */
export const pathStatSchema = z.object({
  name: z.string(),
  size: z.number().int().nonnegative(),
  mode: z.int().nonnegative(),
  mtime: z.string(),
  linkTarget: z.string().optional(),
});
