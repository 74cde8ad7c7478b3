import { control } from '@holdfast/control';
import { explainBackup } from '../source/explain-backup.ts';
import { probe } from '../source/probe.ts';
import { measureGrowth } from '../storage/measure-growth.ts';
import { routes } from './base.ts';

const { backups: verbs } = control;

export const backups = {
  list: routes.backups.list.handler(async ({ context: { services, caller }, input }) => await verbs.list(services.control, caller, input)),
  get: routes.backups.get.handler(async ({ context: { services, caller }, input }) => await verbs.get(services.control, caller, input)),
  create: routes.backups.create.handler(
    async ({ context: { services, caller }, input }) => await verbs.create(services.control, caller, input),
  ),
  update: routes.backups.update.handler(
    async ({ context: { services, caller }, input }) => await verbs.update(services.control, caller, input),
  ),
  clone: routes.backups.clone.handler(
    async ({ context: { services, caller }, input }) => await verbs.clone(services.control, caller, input),
  ),
  setPaused: routes.backups.setPaused.handler(
    async ({ context: { services, caller }, input }) => await verbs.setPaused(services.control, caller, input),
  ),
  run: routes.backups.run.handler(async ({ context: { services, caller }, input }) => await verbs.run(services.control, caller, input)),
  remove: routes.backups.remove.handler(
    async ({ context: { services, caller }, input }) => await verbs.remove(services.control, caller, input),
  ),
  versions: routes.backups.versions.handler(
    async ({ context: { services, caller }, input }) => await verbs.versions(services.control, caller, input),
  ),
  probe: routes.backups.probe.handler(
    async ({ context: { services }, input, signal }) => await probe(services, input, signal ?? services.stopping),
  ),
  explain: routes.backups.explain.handler(
    async ({ context: { services, caller }, input, signal }) =>
      await explainBackup(services, caller, input.id, signal ?? services.stopping),
  ),
  previewRetention: routes.backups.previewRetention.handler(
    async ({ context: { services, caller }, input, signal }) =>
      await verbs.previewRetention(services.control, caller, input, measureGrowth(services, signal ?? services.stopping)),
  ),
  previewSchedule: routes.backups.previewSchedule.handler(
    async ({ context: { services, caller }, input }) => await verbs.previewSchedule(services.control, caller, input),
  ),
};
