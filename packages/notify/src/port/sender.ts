import type { Message } from '../message/message.ts';

export interface SendOptions {
  /** Ends the call, which then rejects with the signal's reason; the message may have arrived all the same. */
  readonly signal?: AbortSignal | undefined;
}

/** A way to people: one chat, one mailbox, one address. */
export interface Sender {
  /**
   * Resolves once the service has said that it holds the message. Sends once: trying again is the caller's work.
   *
   * @throws CodedError `notification-unreachable` (temporary): try again later, not before `context.retryAfterMs` if that is given.
   * `context.mayHaveArrived` says whether the message could have got through before the failure.
   * @throws CodedError `notification-refused` (permanent): somebody has to change something first; the hint says what.
   */
  send(message: Message, options?: SendOptions): Promise<void>;
}
