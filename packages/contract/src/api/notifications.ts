import { z } from 'zod';
import { Id } from '../id.ts';
import { EpochMs } from '../instant.ts';
import { TelegramChat, TelegramToken } from '../telegram-options.ts';
import { route } from './base.ts';

export const TelegramSettings = z.strictObject({
  enabled: z.boolean(),
  chat: z.string().nullable(),
  /** A token is stored; it is never shown again. */
  hasToken: z.boolean(),
  lastDeliveredMs: EpochMs.nullable(),
  lastError: z.string().nullable(),
});
export type TelegramSettings = z.infer<typeof TelegramSettings>;

export const Delivery = z.strictObject({
  id: Id,
  event: z.string(),
  title: z.string(),
  createdMs: EpochMs,
  state: z.enum(['waiting', 'delivered', 'failed']),
  attempts: z.int(),
  nextAttemptMs: EpochMs.nullable(),
  deliveredMs: EpochMs.nullable(),
  error: z.string().nullable(),
});
export type Delivery = z.infer<typeof Delivery>;

export const notifications = {
  telegram: route
    .route({ method: 'GET', path: '/notifications/telegram', tags: ['notifications'], summary: 'Telegram settings' })
    .output(TelegramSettings),
  setTelegram: route
    .route({
      method: 'PUT',
      path: '/notifications/telegram',
      tags: ['notifications'],
      summary: 'Change them; a missing token stays as it is',
    })
    .input(z.strictObject({ enabled: z.boolean(), chat: TelegramChat, token: TelegramToken.optional() }))
    .output(TelegramSettings),
  testTelegram: route
    .route({ method: 'POST', path: '/notifications/telegram/test', tags: ['notifications'], summary: 'Send a test message now' })
    .output(z.strictObject({ delivered: z.boolean(), error: z.string().nullable() })),
  deliveries: route
    .route({
      method: 'GET',
      path: '/notifications/deliveries',
      tags: ['notifications'],
      summary: 'The last hundred messages and what became of them',
    })
    .output(z.array(Delivery)),
};
