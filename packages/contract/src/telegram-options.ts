import { z } from 'zod';

/** A bot's token as BotFather gives it. */
export const TelegramToken = z
  .string()
  .regex(/^\d{5,20}:[A-Za-z0-9_-]{30,60}$/, 'A token looks like 123456789:AbCd… and comes from @BotFather.');

/** A chat's number, or the name of a channel. */
export const TelegramChat = z
  .string()
  .regex(/^(-?\d{1,20}|@[A-Za-z0-9_]{5,32})$/, 'A chat is a number such as -1001234567890, or @channel_name.');
