import type { ApiToken, User } from '@holdfast/contract';

/** Who a request comes from. A person in a session may do everything; a token what its scope says. */
export type Identity =
  | { readonly kind: 'session'; readonly user: User; readonly sessionId: string; readonly actor: string }
  | {
      readonly kind: 'token';
      readonly user: User;
      readonly tokenId: string;
      readonly scope: ApiToken['scope'];
      readonly actor: string;
    };

/** What a one-time link is bound to: it works for the session or token that asked for it. */
export function holderOf(identity: Identity): string {
  return identity.kind === 'session' ? `session ${identity.sessionId}` : `token ${identity.tokenId}`;
}
