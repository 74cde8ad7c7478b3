import type { Caller } from '@holdfast/control';
import type { Visit, WithCookies } from '../sign-in/accounts.ts';
import type { Identity } from '../sign-in/identity.ts';
import type { Services } from './services.ts';

/** What a route knows of the request besides its input. */
export interface RequestContext {
  readonly services: Services;
  readonly visit: Visit;
  readonly requestId: string;
  /** Undefined only on the routes that are open to all. */
  readonly identity: Identity | undefined;
  readonly caller: Caller;
  /** Puts the cookies of a sign-in on the answer and passes its value on. */
  readonly withCookies: <T>(answer: WithCookies<T>) => T;
  readonly setHeader: (name: string, value: string) => void;
  readonly reportDefect: (error: unknown) => void;
}
