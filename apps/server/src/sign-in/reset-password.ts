import type { Database } from '@holdfast/control';
import { type Clock, CodedError, type Secret } from '@holdfast/kernel';
import type { PasswordHasher } from './password-hasher.ts';
import { withSignInTables } from './sign-in-tables.ts';

/** Sets a password without knowing the old one, and ends every session of that account. For whoever owns the machine. */
export async function resetPassword(
  options: { readonly database: Database; readonly clock: Clock; readonly hasher: PasswordHasher },
  email: string,
  password: Secret,
): Promise<void> {
  const length = password.reveal().length;
  if (length < 12 || length > 200) throw new CodedError({ code: 'invalid-argument', message: 'A password has 12 to 200 characters' });
  const hash = await options.hasher.hash(password.reveal());
  const updated_at = new Date(Number(options.clock.nowNs() / 1_000_000n)).toISOString();
  await options.database.transaction(async (plain) => {
    const tables = withSignInTables(plain);
    const user = await tables.selectFrom('user').select('id').where('email', '=', email.toLowerCase()).executeTakeFirst();
    if (user === undefined) {
      const known = await tables.selectFrom('user').select('email').orderBy('created_at').limit(5).execute();
      throw new CodedError({
        code: 'invalid-argument',
        message: `No account has the address ${JSON.stringify(email)}`,
        hint: known.length === 0 ? 'Nobody has set Holdfast up yet.' : `There is: ${known.map((each) => each.email).join(', ')}`,
      });
    }
    await tables
      .updateTable('account')
      .set({ password: hash, updated_at })
      .where('user_id', '=', user.id)
      .where('provider_id', '=', 'credential')
      .execute();
    await tables.deleteFrom('session').where('user_id', '=', user.id).execute();
  });
}
