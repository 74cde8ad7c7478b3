import { control } from '@holdfast/control';
import { CodedError } from '@holdfast/kernel';
import type { RequestContext } from '../http/request-context.ts';
import type { Identity } from '../sign-in/identity.ts';
import { routes } from './base.ts';

/** Whoever called a route that is not open: `permissions.ts` has made sure of it. */
export function identityOf(context: RequestContext): Identity {
  if (context.identity === undefined) throw new CodedError({ code: 'unauthenticated', message: 'Sign in first' });
  return context.identity;
}

export const account = {
  setupState: routes.account.setupState.handler(async ({ context: { services } }) => ({
    needsAdministrator: await services.accounts.needsAdministrator(),
    needsToken: services.accounts.needsToken,
    version: services.version,
    defaultTimeZone: Temporal.Now.timeZoneId(),
  })),
  setUp: routes.account.setUp.handler(async ({ context, input }) =>
    context.withCookies(await context.services.accounts.setUp(input, context.visit)),
  ),
  signIn: routes.account.signIn.handler(async ({ context, input }) =>
    context.withCookies(await context.services.accounts.signIn(input, context.visit)),
  ),
  signOut: routes.account.signOut.handler(async ({ context }) =>
    context.withCookies(await context.services.accounts.signOut(context.visit)),
  ),
  me: routes.account.me.handler(({ context }) => identityOf(context).user),
  updateMe: routes.account.updateMe.handler(
    async ({ context, input }) => await context.services.accounts.update(input, identityOf(context), context.visit),
  ),
  changePassword: routes.account.changePassword.handler(async ({ context, input }) =>
    context.withCookies(await context.services.accounts.changePassword(input, identityOf(context), context.visit)),
  ),
  listTokens: routes.account.listTokens.handler(
    async ({ context }) =>
      await control.account.listTokens(context.services.control, context.caller, { userId: identityOf(context).user.id }),
  ),
  createToken: routes.account.createToken.handler(
    async ({ context, input }) =>
      await control.account.createToken(context.services.control, context.caller, { ...input, userId: identityOf(context).user.id }),
  ),
  deleteToken: routes.account.deleteToken.handler(
    async ({ context, input }) =>
      await control.account.deleteToken(context.services.control, context.caller, { ...input, userId: identityOf(context).user.id }),
  ),
};
