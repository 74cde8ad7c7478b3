import { z } from 'zod';
import { DisplayName } from '../display-name.ts';
import { Id } from '../id.ts';
import { EpochMs } from '../instant.ts';
import { route } from './base.ts';

const Email = z.email('Write an address such as name@example.org.').max(254);
const Password = z.string().min(12, 'A password has at least 12 characters.').max(200);

export const User = z.strictObject({ id: z.string(), name: z.string(), email: z.string() });
export type User = z.infer<typeof User>;

export const ApiToken = z.strictObject({
  id: Id,
  name: z.string(),
  scope: z.enum(['read', 'operate', 'admin']),
  createdMs: EpochMs,
  expiresMs: EpochMs,
  lastUsedMs: EpochMs.nullable(),
});
export type ApiToken = z.infer<typeof ApiToken>;

/** Who may use Holdfast, and how they prove it. */
export const account = {
  setupState: route
    .route({ method: 'GET', path: '/setup', tags: ['account'], summary: 'Whether an administrator exists' })
    .output(z.strictObject({ needsAdministrator: z.boolean(), needsToken: z.boolean(), version: z.string(), defaultTimeZone: z.string() })),
  setUp: route
    .route({ method: 'POST', path: '/setup', tags: ['account'], summary: 'Create the administrator and sign in' })
    .input(z.strictObject({ name: DisplayName, email: Email, password: Password, token: z.string().max(200).optional() }))
    .output(User),
  signIn: route
    .route({ method: 'POST', path: '/session', tags: ['account'], summary: 'Sign in' })
    .input(z.strictObject({ email: Email, password: z.string().min(1).max(200) }))
    .output(User),
  signOut: route.route({ method: 'DELETE', path: '/session', tags: ['account'], summary: 'Sign out' }).output(z.strictObject({})),
  me: route.route({ method: 'GET', path: '/me', tags: ['account'], summary: 'Who I am' }).output(User),
  updateMe: route
    .route({ method: 'PATCH', path: '/me', tags: ['account'], summary: 'Change my name or address' })
    .input(z.strictObject({ name: DisplayName.optional(), email: Email.optional() }))
    .output(User),
  changePassword: route
    .route({ method: 'POST', path: '/me/password', tags: ['account'], summary: 'Change my password and end my other sessions' })
    .input(z.strictObject({ current: z.string().min(1).max(200), next: Password }))
    .output(z.strictObject({})),
  listTokens: route.route({ method: 'GET', path: '/me/tokens', tags: ['account'], summary: 'My API tokens' }).output(z.array(ApiToken)),
  createToken: route
    .route({ method: 'POST', path: '/me/tokens', tags: ['account'], summary: 'Make an API token, shown once' })
    .input(z.strictObject({ name: DisplayName, scope: ApiToken.shape.scope, expiresInDays: z.int().min(1).max(730) }))
    .output(z.strictObject({ token: z.string(), record: ApiToken })),
  deleteToken: route
    .route({ method: 'DELETE', path: '/me/tokens/{id}', tags: ['account'], summary: 'Revoke an API token' })
    .input(z.strictObject({ id: Id }))
    .output(z.strictObject({})),
};
