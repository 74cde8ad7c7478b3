import { getTelegram } from './get-telegram.ts';
import { listDeliveries } from './list-deliveries.ts';
import { setTelegram } from './set-telegram.ts';

/** The verbs of the noun `notifications` that need the database only. */
export const notifications = { telegram: getTelegram, setTelegram, deliveries: listDeliveries } as const;
