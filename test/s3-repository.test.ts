import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, type TestContext, test } from 'node:test';
import { startRadosgw, whyNoRadosgw } from './services/radosgw.ts';
import type { S3Server } from './services/s3-server.ts';
import { startSwift, whyNoSwift } from './services/swift.ts';
import { compareTrees, showDifferences } from './support/compare-trees.ts';
import { FastRandom } from './support/fast-random.ts';
import { startFaultyProxy } from './support/faulty-proxy.ts';
import { type Outcome, runHoldfast, runProgram } from './support/program.ts';
import { needRestic } from './support/restic.ts';

const servers = [
  { name: 'radosgw', why: whyNoRadosgw(), start: startRadosgw, resticNeedsTls: false },
  // It takes nothing in signed pieces, which is how restic sends what is not encrypted.
  { name: 'Swift', why: whyNoSwift(), start: startSwift, resticNeedsTls: true },
] as const;

function temporary(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-s3-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

function makeSource(root: string): string {
  const source = join(root, 'source');
  mkdirSync(join(source, 'deep/er'), { recursive: true });
  const random = new FastRandom(5);
  writeFileSync(join(source, 'large'), random.bytes(40 << 20));
  for (let number = 0; number < 60; number++) writeFileSync(join(source, 'deep/er', `file ${number}`), random.bytes(number * 997));
  writeFileSync(join(source, 'text'), 'the same words again and again\n'.repeat(20_000));
  for (const name of ['large', 'text']) utimesSync(join(source, name), 1_600_000_000, 1_600_000_000);
  return source;
}

function ended(outcome: Outcome): Outcome {
  assert.equal(outcome.code, 0, `${outcome.stdout}\n${outcome.stderr}`);
  return outcome;
}

for (const { name, why, start, resticNeedsTls } of servers) {
  void describe(`repositories in a bucket of ${name}`, { skip: why ?? false }, () => {
    let started: Promise<S3Server> | undefined;
    after(async () => {
      await (await started)?.[Symbol.asyncDispose]();
    });
    async function environment(place: string, more: Record<string, string> = {}): Promise<Record<string, string>> {
      started ??= start();
      const { endpoint, accessKeyId, secretAccessKey } = await started;
      const repository = `s3:${endpoint}/${place}`;
      return {
        RESTIC_REPOSITORY: repository,
        HOLDFAST_REPOSITORY: repository,
        RESTIC_PASSWORD: 'a password',
        HOLDFAST_PASSWORD: 'a password',
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_DEFAULT_REGION: 'us-east-1',
        ...more,
      };
    }

    /** The settings for restic, and what stands between it and the server. */
    async function resticWay(
      root: string,
      env: Record<string, string>,
    ): Promise<AsyncDisposable & { readonly env: Record<string, string> }> {
      if (!resticNeedsTls) return { env, [Symbol.asyncDispose]: async () => undefined };
      const tls = makeCertificate(root, 'way', 'IP:127.0.0.1', 10);
      const { endpoint } = await (started ?? start());
      const proxy = await startFaultyProxy(endpoint, { tls });
      const RESTIC_REPOSITORY = env['RESTIC_REPOSITORY']?.replace(endpoint, proxy.endpoint) ?? '';
      return {
        env: { ...env, RESTIC_REPOSITORY, RESTIC_CACERT: join(root, 'authority.pem') },
        [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
      };
    }

    test('what Holdfast stored restic checks and restores, and adds to', { timeout: 240_000 }, async (t) => {
      const restic = needRestic(t);
      if (restic === undefined) return;
      const root = temporary(t);
      const source = makeSource(root);
      const env = await environment('ours/repositories/first');
      await using way = await resticWay(root, env);
      ended(await runHoldfast(['init'], { env }));
      ended(await runHoldfast(['backup', source], { env }));
      writeFileSync(join(source, 'new'), 'one more');
      ended(await runHoldfast(['backup', source], { env }));
      const run = async (...words: string[]): Promise<Outcome> =>
        ended(await runProgram(restic, ['--no-cache', ...words], { env: way.env }));
      assert.match((await run('check', '--read-data')).stdout, /no errors were found/);
      await run('restore', 'latest', '--target', join(root, 'by-restic'));
      assert.equal(
        showDifferences(compareTrees(Buffer.from(source), Buffer.from(join(root, 'by-restic', source)), { ignore: ['atime'] })),
        '',
      );
      await run('backup', source, '--tag', 'theirs');
      await run('forget', '--keep-last', '1', '--prune');
      ended(await runHoldfast(['check', '--read-data'], { env }));
      assert.equal(JSON.parse((await runHoldfast(['snapshots', '--json'], { env })).stdout).length, 1);
    });

    test('what restic stored Holdfast checks, restores, forgets and prunes', { timeout: 240_000 }, async (t) => {
      const restic = needRestic(t);
      if (restic === undefined) return;
      const root = temporary(t);
      const source = makeSource(root);
      const env = await environment('theirs');
      await using way = await resticWay(root, env);
      const run = async (...words: string[]): Promise<Outcome> =>
        ended(await runProgram(restic, ['--no-cache', ...words], { env: way.env }));
      await run('init');
      await run('backup', source);
      ended(await runHoldfast(['check', '--read-data'], { env }));
      ended(await runHoldfast(['restore', 'latest', '--target', join(root, 'by-holdfast')], { env }));
      assert.equal(
        showDifferences(compareTrees(Buffer.from(source), Buffer.from(join(root, 'by-holdfast', source)), { ignore: ['atime'] })),
        '',
      );
      rmSync(join(source, 'large'));
      ended(await runHoldfast(['backup', source], { env }));
      ended(await runHoldfast(['forget', '--keep-last', '1', '--prune', '--max-unused', '0'], { env }));
      assert.match((await run('check', '--read-data')).stdout, /no errors were found/);
      assert.match((await run('stats', '--mode', 'raw-data', '--json')).stdout, /"snapshots_count":1/);
    });

    test('keys come from files too, and a place without keys or with wrong ones says what to do', async (t) => {
      const root = temporary(t);
      const env = await environment('keys');
      const id = env['AWS_ACCESS_KEY_ID'] ?? '';
      const key = env['AWS_SECRET_ACCESS_KEY'] ?? '';
      writeFileSync(
        join(root, 'credentials'),
        `[other]\naws_access_key_id = x\n[ours]\naws_access_key_id=${id}\naws_secret_access_key = ${key}\n`,
      );
      writeFileSync(join(root, 'key'), `${key}\n`);
      const none = { ...env, AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '', AWS_SHARED_CREDENTIALS_FILE: join(root, 'credentials') };
      ended(await runHoldfast(['init'], { env: { ...none, AWS_PROFILE: 'ours' } }));
      ended(
        await runHoldfast(['snapshots'], { env: { ...env, AWS_SECRET_ACCESS_KEY: '', AWS_SECRET_ACCESS_KEY_FILE: join(root, 'key') } }),
      );
      const without = await runHoldfast(['snapshots'], { env: none });
      assert.equal(without.code, 1);
      assert.match(without.stderr, /AWS_ACCESS_KEY_ID/);
      const wrong = await runHoldfast(['snapshots'], { env: { ...env, AWS_SECRET_ACCESS_KEY: 'quite-wrong' } });
      assert.equal(wrong.code, 1);
      assert.match(wrong.stderr, /belong together/);
      assert.ok(![without, wrong].some(({ stdout, stderr }) => `${stdout}${stderr}`.includes(key)));
      const empty = await runHoldfast(['snapshots'], {
        env: { ...env, HOLDFAST_REPOSITORY: env['HOLDFAST_REPOSITORY']?.replace(/keys$/, 'no-such-bucket') ?? '' },
      });
      assert.equal(empty.code, 10, empty.stderr);
    });

    test('a certificate is verified: of an own authority it needs to be given, and one for another name or out of date is refused', async (t) => {
      const root = temporary(t);
      const env = await environment('encrypted/repository');
      const { endpoint } = await (started ?? start());
      const valid = makeCertificate(root, 'valid', 'IP:127.0.0.1', 10);
      const misnamed = makeCertificate(root, 'misnamed', 'DNS:other.example', 10);
      const over = makeCertificate(root, 'over', 'IP:127.0.0.1', -1);
      for (const [tls, CACERT, message] of [
        [valid, join(root, 'authority.pem'), undefined],
        [valid, '', /SELF_SIGNED|UNABLE_TO/],
        [misnamed, join(root, 'authority.pem'), /ALTNAME/],
        [over, join(root, 'authority.pem'), /EXPIRED/],
      ] as const) {
        await using proxy = await startFaultyProxy(endpoint, { tls });
        const secure = { ...env, HOLDFAST_REPOSITORY: `s3:${proxy.endpoint}/encrypted/repository`, HOLDFAST_CACERT: CACERT };
        const outcome = await runHoldfast([message === undefined ? 'init' : 'snapshots'], { env: secure });
        assert.equal(outcome.code, message === undefined ? 0 : 1, outcome.stderr);
        if (message === undefined) continue;
        assert.match(outcome.stderr, message);
        assert.match(outcome.stderr, /authority|Renew/);
        assert.deepEqual(proxy.requests, []);
      }
    });
  });
}

/** A certificate signed by the authority of the folder, which is made first; `days` may be in the past. */
function makeCertificate(root: string, name: string, subject: string, days: number): { readonly key: string; readonly cert: string } {
  const at = (file: string): string => join(root, file);
  const openssl = (...words: string[]): void => void execFileSync('openssl', words, { cwd: root, stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    readFileSync(at('authority.pem'));
  } catch {
    openssl('req', '-x509', ...newKey, '-keyout', 'authority.key', '-out', 'authority.pem', '-subj', '/CN=authority', '-days', '10');
  }
  writeFileSync(at(`${name}.ext`), `subjectAltName=${subject}\n`);
  openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', '/CN=server');
  const signing = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial', '-extfile', `${name}.ext`];
  openssl('x509', '-req', '-in', `${name}.csr`, ...signing, '-out', `${name}.pem`, '-days', String(days));
  return { key: readFileSync(at(`${name}.key`), 'utf8'), cert: readFileSync(at(`${name}.pem`), 'utf8') };
}
