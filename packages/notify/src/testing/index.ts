export { type BotApiAnswer, badRequest, failure, ok } from './fake-bot-answers.ts';
export { type Disturbance, FakeBotApi, type FakeBotApiOptions, type FakeChat, type FakeMessage } from './fake-bot-api.ts';
export type { FakeEntity } from './parse-telegram-html.ts';
export { sampleNotice } from './sample-notice.ts';
