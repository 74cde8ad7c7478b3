export { composeMessage } from './message/compose-message.ts';
export { messageText } from './message/layout-message.ts';
export type { Fact, Message, MessageLine, Severity } from './message/message.ts';
export type { Sender, SendOptions } from './port/sender.ts';
export { type TelegramIdentity, type TelegramOptions, TelegramSender } from './telegram/telegram-sender.ts';
