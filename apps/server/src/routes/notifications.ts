import { control } from '@holdfast/control';
import { routes } from './base.ts';

const { notifications: verbs } = control;

export const notifications = {
  telegram: routes.notifications.telegram.handler(
    async ({ context: { services, caller }, input }) => await verbs.telegram(services.control, caller, input),
  ),
  setTelegram: routes.notifications.setTelegram.handler(
    async ({ context: { services, caller }, input }) => await verbs.setTelegram(services.control, caller, input),
  ),
  testTelegram: routes.notifications.testTelegram.handler(async ({ context: { services }, signal }) => {
    const error = await services.testTelegram(signal ?? services.stopping);
    return { delivered: error === null, error };
  }),
  deliveries: routes.notifications.deliveries.handler(
    async ({ context: { services, caller }, input }) => await verbs.deliveries(services.control, caller, input),
  ),
};
