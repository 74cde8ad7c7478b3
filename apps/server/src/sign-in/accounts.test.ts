import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Database, nowMs } from '@holdfast/control';
import { CodedError, type ErrorCode, ManualClock, Secret, systemClock, systemRandom } from '@holdfast/kernel';
import { type DatabaseSource, withDatabases } from '../../../../test/support/with-databases.ts';
import { Accounts, type Visit } from './accounts.ts';
import { AttemptLimiter } from './attempt-limiter.ts';
import { createAuth } from './create-auth.ts';
import { PasswordHasher } from './password-hasher.ts';
import { resetPassword } from './reset-password.ts';
import { SetupToken } from './setup-token.ts';
import { withSignInTables } from './sign-in-tables.ts';

const visitor: Visit = { address: '192.0.2.7', cookie: undefined, authorization: undefined, userAgent: 'test', requestId: 'r1' };
const administrator = { name: 'Ada', email: 'Ada@Example.org', password: 'correct horse battery' };

async function openAccounts(
  source: DatabaseSource,
  options: { idleSeconds?: number; sessionSeconds?: number; setupToken?: SetupToken } = {},
) {
  const world = await source.open();
  const { database } = world;
  const hasher = new PasswordHasher(systemRandom);
  const { idleSeconds = 1800, sessionSeconds = 43_200, setupToken } = options;
  const auth = createAuth({ database, hasher, random: systemRandom, cookieSecret: new Secret('s'.repeat(43)), idleSeconds });
  const clock = new ManualClock(systemClock.nowNs());
  const limiter = new AttemptLimiter(clock);
  const accounts = new Accounts({ control: { ...world.context, clock }, hasher, limiter, auth, sessionSeconds, setupToken });
  return { world, database, accounts, clock, hasher };
}

function withCookie(headers: Headers): Visit {
  return {
    ...visitor,
    cookie: headers
      .getSetCookie()
      .map((cookie) => cookie.replace(/;.*/, ''))
      .join('; '),
  };
}

const code = (wanted: ErrorCode) => (error: unknown) => CodedError.is(error, wanted);

async function sessionsOf(database: Database): Promise<number> {
  return (await withSignInTables(database.tables).selectFrom('session').select('id').execute()).length;
}

withDatabases('accounts', (source) => {
  test('F75: the first visitor becomes the administrator, and nobody after', async () => {
    const { world, accounts } = await openAccounts(source);
    await using _ = world;
    assert.equal(await accounts.needsAdministrator(), true);
    const all = await Promise.allSettled(
      ['ada', 'bob', 'eve'].map((name) => accounts.setUp({ ...administrator, email: `${name}@example.org` }, visitor)),
    );
    assert.deepEqual(all.map((each) => each.status).sort(), ['fulfilled', 'rejected', 'rejected']);
    for (const each of all) if (each.status === 'rejected') assert.ok(CodedError.is(each.reason, 'already-set-up'), String(each.reason));
    assert.equal(await accounts.needsAdministrator(), false);
    await assert.rejects(accounts.setUp(administrator, visitor), code('already-set-up'));
  });

  test('F75: where others can reach the server, set-up needs the token of the console', async () => {
    const setupToken = new SetupToken(systemRandom);
    const { world, accounts } = await openAccounts(source, { setupToken });
    await using _ = world;
    await assert.rejects(accounts.setUp(administrator, visitor), code('forbidden'));
    await assert.rejects(accounts.setUp({ ...administrator, token: 'guess' }, visitor), code('forbidden'));
    const { value } = await accounts.setUp({ ...administrator, token: setupToken.secret.reveal() }, visitor);
    assert.deepEqual({ name: value.name, email: value.email }, { name: 'Ada', email: 'ada@example.org' });
  });

  test('a session is known by its cookie, is hidden from scripts and other sites, and ends at sign-out', async () => {
    const { world, accounts } = await openAccounts(source);
    await using _ = world;
    await accounts.setUp(administrator, visitor);
    const { headers } = await accounts.signIn({ ...administrator, email: 'ADA@example.org' }, visitor);
    for (const cookie of headers.getSetCookie()) assert.match(cookie, /; Path=\/; HttpOnly; SameSite=Strict/);
    const visit = withCookie(headers);
    assert.equal((await accounts.identify(visit))?.value.actor, 'ada@example.org');
    assert.equal(await accounts.identify(visitor), undefined);
    const forged = { ...visit, cookie: visit.cookie?.replace(/.$/, 'x').replace(/session_token=./, 'session_token=_') };
    assert.equal(await accounts.identify(forged), undefined);
    await accounts.signOut(visit);
    assert.equal(await accounts.identify(visit), undefined);
  });

  test('a session ends after its time however much it is used', async () => {
    const { world, accounts, database, clock } = await openAccounts(source, { sessionSeconds: 3600 });
    await using _ = world;
    const { headers } = await accounts.setUp(administrator, visitor);
    const visit = withCookie(headers);
    clock.advance(3_590_000);
    assert.notEqual(await accounts.identify(visit), undefined);
    clock.advance(20_000);
    assert.equal(await accounts.identify(visit), undefined);
    assert.equal(await sessionsOf(database), 0);
  });

  test('a session that was not used ends', async () => {
    const { world, accounts } = await openAccounts(source, { idleSeconds: 1 });
    await using _ = world;
    const { headers } = await accounts.setUp(administrator, visitor);
    const visit = withCookie(headers);
    assert.notEqual(await accounts.identify(visit), undefined);
    await systemClock.sleep(1300);
    assert.equal(await accounts.identify(visit), undefined);
  });

  test('wrong passwords and unknown addresses look alike, and guessing gets slower and slower', async () => {
    const { world, accounts, clock } = await openAccounts(source);
    await using _ = world;
    await accounts.setUp(administrator, visitor);
    const said = new Set<string>();
    let waits = 0;
    for (let attempt = 0; attempt < 8; attempt++) {
      for (const email of ['ada@example.org', `nobody${attempt}@example.org`]) {
        const visit = { ...visitor, address: `198.51.100.${attempt}` };
        const error = await accounts.signIn({ email, password: 'a wrong password' }, visit).catch((reason: unknown) => reason);
        assert.ok(CodedError.is(error), String(error));
        if (error.code === 'too-many-attempts') waits++;
        else said.add(error.message);
      }
    }
    assert.equal(said.size, 1);
    assert.ok(waits >= 3, `${waits}`);
    await assert.rejects(accounts.signIn(administrator, visitor), code('too-many-attempts'));
    clock.advance(3_600_000);
    await accounts.signIn(administrator, visitor);
  });

  test('many addresses tried from one place are slowed as well', async () => {
    const { world, accounts } = await openAccounts(source);
    await using _ = world;
    await accounts.setUp(administrator, visitor);
    const answers: string[] = [];
    for (let attempt = 0; attempt < 20; attempt++) {
      const error = await accounts.signIn({ email: `n${attempt}@example.org`, password: 'x' }, visitor).catch((reason: unknown) => reason);
      answers.push(CodedError.is(error) ? error.code : String(error));
    }
    assert.equal(answers[0], 'sign-in-failed');
    assert.equal(answers.at(-1), 'too-many-attempts');
  });

  test('a new password ends the other sessions; a wrong current one changes nothing', async () => {
    const { world, accounts } = await openAccounts(source);
    await using _ = world;
    const first = withCookie((await accounts.setUp(administrator, visitor)).headers);
    const second = withCookie((await accounts.signIn(administrator, visitor)).headers);
    const identity = (await accounts.identify(second))?.value;
    assert.ok(identity !== undefined);
    await assert.rejects(
      accounts.changePassword({ current: 'not it', next: 'another long password' }, identity, second),
      code('invalid-argument'),
    );
    const { headers } = await accounts.changePassword({ current: administrator.password, next: 'another long password' }, identity, second);
    assert.equal(await accounts.identify(first), undefined);
    assert.notEqual(await accounts.identify(withCookie(headers)), undefined);
    await assert.rejects(accounts.signIn(administrator, visitor), code('sign-in-failed'));
    await accounts.signIn({ ...administrator, password: 'another long password' }, visitor);
  });

  test('whoever owns the machine sets a new password and ends every session', async () => {
    const { world, accounts, database, clock, hasher } = await openAccounts(source);
    await using _ = world;
    const visit = withCookie((await accounts.setUp(administrator, visitor)).headers);
    await assert.rejects(
      resetPassword({ database, clock, hasher }, 'bob@example.org', new Secret('a long new password')),
      /ada@example.org|No account/,
    );
    await resetPassword({ database, clock, hasher }, 'Ada@example.org', new Secret('a long new password'));
    assert.equal(await accounts.identify(visit), undefined);
    await accounts.signIn({ ...administrator, password: 'a long new password' }, visitor);
  });

  test('F85: API tokens go with the account that owns them, and expire', async () => {
    const { world, accounts, database, clock } = await openAccounts(source);
    await using _ = world;
    const { value: user } = await accounts.setUp(administrator, visitor);
    const { createHash } = await import('node:crypto');
    const hash = createHash('sha256').update('hf_secret').digest('hex');
    const row = { id: '0'.repeat(32), user_id: user.id, name: 'ci', scope: 'read', hash, created_ms: nowMs(clock), last_used_ms: null };
    await database.tables
      .insertInto('api_token')
      .values({ ...row, expires_ms: nowMs(clock) + 60_000 })
      .execute();
    const visit = { ...visitor, authorization: 'Bearer hf_secret' };
    assert.equal((await accounts.identify(visit))?.value.actor, 'token ci');
    assert.equal(await accounts.identify({ ...visitor, authorization: 'Bearer hf_other' }), undefined);
    clock.advance(61_000);
    assert.equal(await accounts.identify(visit), undefined);
    clock.advance(-61_000);
    await withSignInTables(database.tables).deleteFrom('user').execute();
    assert.equal(await accounts.identify(visit), undefined);
    assert.deepEqual(await database.tables.selectFrom('api_token').select('id').execute(), []);
  });
});
