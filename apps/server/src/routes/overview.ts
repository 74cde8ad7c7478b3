import { control } from '@holdfast/control';
import { followChanges } from '../live/follow-changes.ts';
import { listDirectories } from '../storage/list-directories.ts';
import { routes } from './base.ts';

const { overview: verbs } = control;

export const overview = {
  get: routes.overview.get.handler(async ({ context: { services, caller }, input }) => await verbs.get(services.control, caller, input)),
  changes: routes.overview.changes.handler(({ context, signal }) => followChanges(context, signal)),
  audit: routes.overview.audit.handler(
    async ({ context: { services, caller }, input }) => await verbs.audit(services.control, caller, input),
  ),
  directory: routes.overview.directory.handler(async ({ input }) => await listDirectories(input.path)),
};
