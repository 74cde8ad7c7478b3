import { control } from '@holdfast/control';
import { withPatience } from '../source/with-patience.ts';
import { routes } from './base.ts';

const { connections: verbs } = control;

export const connections = {
  list: routes.connections.list.handler(async ({ context: { services, caller } }) => await verbs.list(services.control, caller)),
  get: routes.connections.get.handler(async ({ context: { services, caller }, input }) => await verbs.get(services.control, caller, input)),
  create: routes.connections.create.handler(
    async ({ context: { services, caller }, input }) => await verbs.create(services.control, caller, input),
  ),
  update: routes.connections.update.handler(
    async ({ context: { services, caller }, input }) => await verbs.update(services.control, caller, input),
  ),
  remove: routes.connections.remove.handler(
    async ({ context: { services, caller }, input }) => await verbs.remove(services.control, caller, input),
  ),
  test: routes.connections.test.handler(async ({ context: { services }, input, signal }) => {
    const links = await verbs.links(services.control, input);
    const { tryLinks } = await import('@holdfast/runner/chain');
    return await withPatience(signal ?? services.stopping, async (patient) => await tryLinks(links, patient));
  }),
};
