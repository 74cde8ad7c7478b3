import { apiPath } from '@holdfast/contract';
import { control } from '@holdfast/control';
import { holderOf } from '../sign-in/identity.ts';
import { downloadName } from '../storage/download-name.ts';
import { listEntries } from '../storage/list-entries.ts';
import { identityOf } from './account.ts';
import { routes } from './base.ts';

const { snapshots: verbs } = control;

export const snapshots = {
  list: routes.snapshots.list.handler(
    async ({ context: { services, caller }, input }) => await verbs.list(services.control, caller, input),
  ),
  entries: routes.snapshots.entries.handler(
    async ({ context: { services }, input, signal }) => await listEntries(services, input, signal ?? services.stopping),
  ),
  downloadLink: routes.snapshots.downloadLink.handler(async ({ context, input, signal }) => {
    const { services } = context;
    const fileName = await downloadName(services, input, signal ?? services.stopping);
    const token = services.links.make({ storedSnapshotId: input.id, path: input.path, holder: holderOf(identityOf(context)) });
    return { url: `${apiPath}/download/${token}`, fileName };
  }),
  pin: routes.snapshots.pin.handler(async ({ context: { services, caller }, input }) => await verbs.pin(services.control, caller, input)),
};
