import type { ControlContext, SecretPlace } from '@holdfast/control';
import { Secret } from '@holdfast/kernel';

const place: SecretPlace = { table: 'setting', id: 'session-secret', column: 'value' };

/** What session cookies are signed with: made once for a database, so that sessions outlive a restart and all servers at it agree. */
export async function sessionSecret({ database, sealer, random }: ControlContext): Promise<Secret> {
  const fresh = new Secret(Buffer.from(random.bytes(32)).toString('base64url'));
  const sealed = await database.transaction(async (tables) => {
    await tables
      .insertInto('setting')
      .values({ key: place.id, value: sealer.seal(fresh, place) })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
    return await tables.selectFrom('setting').select('value').where('key', '=', place.id).executeTakeFirstOrThrow();
  });
  return sealer.open(sealed.value, place);
}
