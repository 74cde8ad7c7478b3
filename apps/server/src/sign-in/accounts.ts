import type { User } from '@holdfast/contract';
import { type ControlContext, nowMs, writeAudit } from '@holdfast/control';
import { CodedError, toHex } from '@holdfast/kernel';
import { addressKey } from './address-key.ts';
import { identifyToken } from './api-tokens.ts';
import { type AttemptLimiter, accountLimits, addressLimits } from './attempt-limiter.ts';
import type { Auth } from './create-auth.ts';
import type { Identity } from './identity.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { refusal } from './refusal.ts';
import type { SetupToken } from './setup-token.ts';
import { withSignInTables } from './sign-in-tables.ts';

/** What sign-in needs to know of a request. */
export interface Visit {
  readonly address: string;
  readonly cookie: string | undefined;
  readonly authorization: string | undefined;
  readonly userAgent: string | undefined;
  readonly requestId: string;
}

/** An answer with cookies to set. */
export interface WithCookies<T> {
  readonly value: T;
  readonly headers: Headers;
}

export interface AccountsOptions {
  readonly control: ControlContext;
  readonly hasher: PasswordHasher;
  readonly limiter: AttemptLimiter;
  readonly auth: Auth;
  /** A session is over after so long, used or not. */
  readonly sessionSeconds: number;
  /** Asked for at set-up, where others than this machine can reach the server. */
  readonly setupToken: SetupToken | undefined;
}

/** People, their passwords and their sessions. */
export class Accounts {
  readonly #options: AccountsOptions;
  #hasAdministrator = false;

  constructor(options: AccountsOptions) {
    this.#options = options;
  }

  async needsAdministrator(): Promise<boolean> {
    if (this.#hasAdministrator) return false;
    const found = await withSignInTables(this.#options.control.database.tables).selectFrom('user').select('id').limit(1).executeTakeFirst();
    this.#hasAdministrator = found !== undefined;
    return found === undefined;
  }

  get needsToken(): boolean {
    return this.#options.setupToken !== undefined;
  }

  /** Makes the first account, exactly once however many ask at the same time, and signs it in. */
  async setUp(
    input: { name: string; email: string; password: string; token?: string | undefined },
    visit: Visit,
  ): Promise<WithCookies<User>> {
    const { control, hasher, limiter, setupToken } = this.#options;
    const { database, random, clock } = control;
    if (!(await this.needsAdministrator())) throw alreadySetUp();
    if (setupToken !== undefined) {
      const key = `setup ${addressKey(visit.address)}`;
      limiter.begin([{ key, limits: addressLimits }]);
      if (!setupToken.matches(input.token)) {
        throw new CodedError({
          code: 'forbidden',
          message: 'The set-up token is missing or wrong',
          hint: 'Holdfast printed it when it started: look at its console or its log.',
          context: { field: 'token' },
        });
      }
      limiter.takeBack(key);
    }
    const password = await hasher.hash(input.password);
    const now = new Date(nowMs(clock)).toISOString();
    const stamps = { created_at: now, updated_at: now };
    const id = toHex(random.bytes(16));
    await database.transaction(async (plain) => {
      const tables = withSignInTables(plain);
      const first = await tables
        .insertInto('setting')
        .values({ key: 'administrator', value: JSON.stringify({ userId: id }) })
        .onConflict((conflict) => conflict.column('key').doNothing())
        .executeTakeFirst();
      if (first.numInsertedOrUpdatedRows !== 1n) throw alreadySetUp();
      const email = input.email.toLowerCase();
      await tables
        .insertInto('user')
        .values({ id, name: input.name, email, email_verified: 0, image: null, ...stamps })
        .execute();
      await tables
        .insertInto('account')
        .values({ id: toHex(random.bytes(16)), user_id: id, account_id: id, provider_id: 'credential', password, ...stamps })
        .execute();
      await writeAudit(
        control,
        plain,
        { actor: email, requestId: visit.requestId },
        { verb: 'account.set-up', object: `user ${email}`, details: 'the administrator' },
      );
    });
    return await this.signIn(input, visit);
  }

  /** Throws `sign-in-failed` whatever was wrong, after the same work, and `too-many-attempts` after some of those. */
  async signIn(input: { email: string; password: string }, visit: Visit): Promise<WithCookies<User>> {
    const { auth, limiter } = this.#options;
    const account = `account ${input.email.toLowerCase()}`;
    const address = `address ${addressKey(visit.address)}`;
    limiter.begin([
      { key: account, limits: accountLimits },
      { key: address, limits: addressLimits },
    ]);
    const { email, password } = input;
    const { headers, response } = await auth.api
      .signInEmail({ body: { email, password }, headers: libraryHeaders(visit, false), returnHeaders: true })
      .catch((error: unknown) => {
        throw refusal(error, new CodedError({ code: 'sign-in-failed', message: 'The address or the password is wrong' }));
      });
    limiter.forget(account);
    limiter.takeBack(address);
    const { email: actor } = response.user;
    await this.#note(actor, visit.requestId, 'account.sign-in', `from ${visit.address}`);
    return { value: { id: response.user.id, name: response.user.name, email: response.user.email }, headers };
  }

  async signOut(visit: Visit): Promise<WithCookies<Record<string, never>>> {
    const { headers } = await this.#options.auth.api.signOut({ headers: libraryHeaders(visit, true), returnHeaders: true });
    return { value: {}, headers };
  }

  /** Who asks, or undefined for nobody. A token in the request counts alone; the cookies may have to be renewed. */
  async identify(visit: Visit, use: 'counts' | 'only looks' = 'counts'): Promise<WithCookies<Identity> | undefined> {
    const { control, auth, sessionSeconds } = this.#options;
    if (visit.authorization !== undefined) {
      const token = /^Bearer +(\S+)$/i.exec(visit.authorization)?.[1];
      const value = token === undefined ? undefined : await identifyToken(control, token);
      return value === undefined ? undefined : { value, headers: new Headers() };
    }
    if (visit.cookie === undefined) return undefined;
    const query = use === 'counts' ? {} : { disableRefresh: true };
    const { headers, response } = await auth.api.getSession({ headers: libraryHeaders(visit, true), query, returnHeaders: true });
    if (response === null) return undefined;
    const { session, user } = response;
    const ageMs = nowMs(control.clock) - session.createdAt.getTime();
    if (ageMs > sessionSeconds * 1000) {
      await withSignInTables(control.database.tables).deleteFrom('session').where('id', '=', session.id).execute();
      return undefined;
    }
    const { id, name, email } = user;
    return { value: { kind: 'session', user: { id, name, email }, sessionId: session.id, actor: email }, headers };
  }

  async changePassword(
    input: { current: string; next: string },
    identity: Identity,
    visit: Visit,
  ): Promise<WithCookies<Record<string, never>>> {
    const { auth, limiter } = this.#options;
    const account = `account ${identity.user.email}`;
    limiter.begin([{ key: account, limits: accountLimits }]);
    const body = { currentPassword: input.current, newPassword: input.next, revokeOtherSessions: true };
    const { headers } = await auth.api
      .changePassword({ body, headers: libraryHeaders(visit, true), returnHeaders: true })
      .catch((error: unknown) => {
        const wrong = { code: 'invalid-argument', message: 'The current password is wrong', context: { field: 'current' } } as const;
        throw refusal(error, new CodedError(wrong));
      });
    limiter.forget(account);
    await this.#note(identity.actor, visit.requestId, 'account.change-password', 'other sessions have ended');
    return { value: {}, headers };
  }

  async update(input: { name?: string | undefined; email?: string | undefined }, identity: Identity, visit: Visit): Promise<User> {
    const { control } = this.#options;
    const { database, clock } = control;
    const name = input.name ?? identity.user.name;
    const email = (input.email ?? identity.user.email).toLowerCase();
    await database.transaction(async (plain) => {
      const tables = withSignInTables(plain);
      const other = await tables
        .selectFrom('user')
        .select('id')
        .where('email', '=', email)
        .where('id', '!=', identity.user.id)
        .executeTakeFirst();
      if (other !== undefined) {
        throw new CodedError({ code: 'invalid-argument', message: 'Another account has that address', context: { field: 'email' } });
      }
      const updated_at = new Date(nowMs(clock)).toISOString();
      await tables.updateTable('user').set({ name, email, updated_at }).where('id', '=', identity.user.id).execute();
    });
    await this.#note(identity.actor, visit.requestId, 'account.update', `${name}, ${email}`);
    return { id: identity.user.id, name, email };
  }

  async #note(actor: string, requestId: string, verb: string, details: string): Promise<void> {
    const { control } = this.#options;
    await control.database.transaction(async (tables) => {
      await writeAudit(control, tables, { actor, requestId }, { verb, object: `user ${actor}`, details });
    });
  }
}

function libraryHeaders(visit: Visit, withCookie: boolean): Headers {
  const headers = new Headers({ 'x-holdfast-address': visit.address });
  if (visit.userAgent !== undefined) headers.set('user-agent', visit.userAgent.slice(0, 500));
  if (withCookie && visit.cookie !== undefined) headers.set('cookie', visit.cookie);
  return headers;
}

function alreadySetUp(): CodedError {
  return new CodedError({ code: 'already-set-up', message: 'An administrator exists already', hint: 'Sign in instead.' });
}
