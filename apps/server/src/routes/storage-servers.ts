import { control } from '@holdfast/control';
import { createStorageServer } from '../storage/create-storage-server.ts';
import { refreshStorageServer } from '../storage/refresh-storage-server.ts';
import { updateStorageServer } from '../storage/update-storage-server.ts';
import { routes } from './base.ts';

const { storageServers: verbs } = control;

export const storageServers = {
  list: routes.storageServers.list.handler(
    async ({ context: { services, caller }, input }) => await verbs.list(services.control, caller, input),
  ),
  get: routes.storageServers.get.handler(
    async ({ context: { services, caller }, input }) => await verbs.get(services.control, caller, input),
  ),
  proposal: routes.storageServers.proposal.handler(({ context: { services } }) => ({
    driver: 'local' as const,
    path: services.proposedStorage,
  })),
  test: routes.storageServers.test.handler(
    async ({ context: { services }, input, signal }) =>
      await (await services.vaults.reader()).probe(input.options, signal ?? services.stopping, input.secrets),
  ),
  create: routes.storageServers.create.handler(
    async ({ context: { services, caller }, input, signal }) =>
      await createStorageServer(services, caller, input, signal ?? services.stopping),
  ),
  update: routes.storageServers.update.handler(
    async ({ context: { services, caller }, input, signal }) =>
      await updateStorageServer(services, caller, input, signal ?? services.stopping),
  ),
  remove: routes.storageServers.remove.handler(
    async ({ context: { services, caller }, input }) => await verbs.remove(services.control, caller, input),
  ),
  refresh: routes.storageServers.refresh.handler(
    async ({ context: { services, caller }, input, signal }) =>
      await refreshStorageServer(services, caller, input.id, signal ?? services.stopping),
  ),
  recoveryKey: routes.storageServers.recoveryKey.handler(
    async ({ context: { services, caller }, input }) => await verbs.recoveryKey(services.control, caller, input),
  ),
};
