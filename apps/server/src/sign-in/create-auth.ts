import type { Database } from '@holdfast/control';
import { type RandomSource, type Secret, toHex } from '@holdfast/kernel';
import { betterAuth } from 'better-auth';
import type { PasswordHasher } from './password-hasher.ts';

export interface AuthOptions {
  readonly database: Database;
  readonly hasher: PasswordHasher;
  readonly random: RandomSource;
  /** Signs the cookies. Kept with the installation: another one ends every session. */
  readonly cookieSecret: Secret;
  /** A session that was not used for so long is over. */
  readonly idleSeconds: number;
}

/** The library that keeps sessions and checks passwords. It is only called; none of its own routes can be reached. */
export function createAuth(options: AuthOptions) {
  const { database, hasher, random, cookieSecret, idleSeconds } = options;
  return betterAuth({
    appName: 'Holdfast',
    // Not used for anything that leaves: cookies carry no domain and there are no links in mails.
    baseURL: 'http://localhost',
    secret: cookieSecret.reveal(),
    telemetry: { enabled: false },
    logger: { disabled: true },
    rateLimit: { enabled: false },
    // Its dialect "sqlite" keeps times as text and booleans as numbers, which both databases store alike.
    database: { db: database.tables, type: 'sqlite', transaction: false },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 1,
      maxPasswordLength: 200,
      password: { hash: (password) => hasher.hash(password), verify: ({ password, hash }) => hasher.verify(password, hash) },
    },
    session: {
      expiresIn: idleSeconds,
      updateAge: Math.min(60, Math.floor(idleSeconds / 4)),
      fields: {
        userId: 'user_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
    },
    user: { fields: { emailVerified: 'email_verified', createdAt: 'created_at', updatedAt: 'updated_at' } },
    account: {
      fields: {
        userId: 'user_id',
        accountId: 'account_id',
        providerId: 'provider_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
    },
    verification: { fields: { expiresAt: 'expires_at', createdAt: 'created_at', updatedAt: 'updated_at' } },
    advanced: {
      cookiePrefix: 'holdfast',
      // `Secure` is set when a request came by HTTPS (session-cookies.ts): the same server may be used both ways.
      useSecureCookies: false,
      defaultCookieAttributes: { httpOnly: true, sameSite: 'strict', path: '/' },
      database: { generateId: () => toHex(random.bytes(16)) },
      ipAddress: { ipAddressHeaders: ['x-holdfast-address'] },
    },
  });
}

export type Auth = ReturnType<typeof createAuth>;
