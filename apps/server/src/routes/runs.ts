import { control } from '@holdfast/control';
import { streamRun } from '../live/stream-run.ts';
import { routes } from './base.ts';

const { runs: verbs } = control;

export const runs = {
  list: routes.runs.list.handler(async ({ context: { services, caller }, input }) => await verbs.list(services.control, caller, input)),
  get: routes.runs.get.handler(async ({ context: { services, caller }, input }) => await verbs.get(services.control, caller, input)),
  log: routes.runs.log.handler(async ({ context: { services, caller }, input }) => await verbs.log(services.control, caller, input)),
  cancel: routes.runs.cancel.handler(
    async ({ context: { services, caller }, input }) => await verbs.cancel(services.control, caller, input),
  ),
  events: routes.runs.events.handler(({ context, input, signal }) => streamRun(context, input.id, signal)),
  startMaintenance: routes.runs.startMaintenance.handler(
    async ({ context: { services, caller }, input }) => await verbs.startMaintenance(services.control, caller, input),
  ),
  startRestore: routes.runs.startRestore.handler(
    async ({ context: { services, caller }, input }) => await verbs.startRestore(services.control, caller, input),
  ),
  startPush: routes.runs.startPush.handler(
    async ({ context: { services, caller }, input }) => await verbs.startPush(services.control, caller, input),
  ),
};
