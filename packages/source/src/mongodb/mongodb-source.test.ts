import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { LocalHost } from '@holdfast/connect/local';
import { Secret } from '@holdfast/kernel';
import { assertCutsAreNoticed } from '../../../../test/support/cut-short.ts';
import { failure } from '../../../../test/support/failure.ts';
import { bson, mongoArchive } from '../../../../test/support/mongo-archive.ts';
import { asEntries, collect, inPieces, pullAll } from '../../../../test/support/source-streams.ts';
import { MongodbOptions, MongodbSource } from './index.ts';
import { verifyMongoArchive } from './verify-mongo-archive.ts';

function documents(from: number, count: number): Buffer[] {
  return Array.from({ length: count }, (_, at) => bson({ _id: from + at, text: `document ${from + at} ${'x'.repeat((from + at) % 90)}` }));
}

const archive = mongoArchive([
  { db: 'shop', collection: 'orders', segments: [documents(0, 40), documents(40, 40)] },
  { db: 'shop', collection: 'empty', segments: [] },
  { db: 'shop', collection: 'seen', type: 'view', segments: [] },
  { db: 'shop', collection: 'measured', type: 'timeseries', segments: [documents(100, 5)] },
  { db: 'other', collection: 'orders', segments: [documents(500, 1)] },
]);
const verify = (bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> => verifyMongoArchive(bytes, 'The archive');

await suite('MongoDB: archives by the published format, programs that are fakes of mongodump and mongorestore', async () => {
  let folder: string;
  const host = new LocalHost();

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-mongo-test-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** A program that notes its arguments and what its configuration file holds, then does the rest. */
  function fake(program: string, rest: string): void {
    const script = `#!/bin/sh
case "$1" in --version) echo "${program} version: 100.9.4"; exit 0;; esac
printf '%s\\n' "$@" >'${folder}/${program}.arguments'
for word do case "$word" in --config=*) stat -c %a "\${word#--config=}" >'${folder}/mode'; cat "\${word#--config=}" >'${folder}/config';; esac; done
${rest}
`;
    writeFileSync(join(folder, program), script, { mode: 0o755 });
  }

  function source(more: Record<string, unknown> = {}): MongodbSource {
    return new MongodbSource(MongodbOptions.parse({ toolFolder: folder, user: 'admin', password: new Secret('p"w\\: #'), ...more }));
  }

  test('no beginning of an archive passes for the whole, and no flipped byte of a document', async () => {
    await assertCutsAreNoticed(archive, verify);
    for (const name of ['document 7 ', 'document 63 ', 'document 500']) {
      const flipped = Buffer.from(archive);
      flipped[archive.indexOf(name)] = 0x44;
      assert.equal((await failure(collect(verify(inPieces(flipped, 100))))).code, 'source-incomplete');
    }
  });

  test('something behind the end, or words of a log in between, is noticed', async () => {
    const at = archive.indexOf('document 20');
    for (const spoilt of [
      Buffer.concat([archive, Buffer.from('2026-01-01 done')]),
      Buffer.concat([Buffer.from('connected\n'), archive]),
      Buffer.concat([archive.subarray(0, at), Buffer.from('writing shop.orders\n'), archive.subarray(at)]),
    ]) {
      assert.equal((await failure(collect(verify(inPieces(spoilt))))).code, 'source-incomplete');
    }
  });

  test('an operation log that was asked for must be there', async () => {
    const log = { db: '', collection: 'oplog', segments: [documents(0, 3)], unlisted: true };
    const withLog = mongoArchive([{ db: 'a', collection: 'b', segments: [documents(0, 3)] }, log]);
    const check = (bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> => verifyMongoArchive(bytes, 'The archive', ['.oplog']);
    await assertCutsAreNoticed(withLog, check);
    assert.equal((await failure(collect(check(inPieces(archive))))).code, 'source-incomplete');
  });

  test('the password reaches mongodump by a private file, and the archive arrives', async () => {
    writeFileSync(join(folder, 'archive'), archive);
    fake('mongodump', `cat '${folder}/archive'`);
    const contents = await pullAll(source({ databases: ['shop'] }), host);
    assert.deepEqual(Array.from(contents.keys()), ['databases/shop.archive']);
    assert.ok(contents.get('databases/shop.archive')?.equals(archive));
    const words = readFileSync(join(folder, 'mongodump.arguments'), 'utf8');
    assert.match(words, /^--db=shop$/m);
    assert.match(words, /^--archive$/m);
    assert.ok(!words.includes('p"w'));
    assert.equal(readFileSync(join(folder, 'config'), 'utf8'), 'password: "p\\"w\\\\: #"\n');
    assert.equal(readFileSync(join(folder, 'mode'), 'utf8').trim(), '600');
    assert.deepEqual(globSync('holdfast-private.*', { cwd: process.env['TMPDIR'] ?? tmpdir() }), []);
  });

  test('F1 F3 failures of mongodump: the right code', async () => {
    const cases = {
      'source-denied': 'echo "Failed: can\'t create session: auth error: sasl conversation error: unable to authenticate" >&2; exit 1',
      'source-unreachable': 'echo "Failed: server selection error: connection refused" >&2; exit 1',
      'source-incomplete': `head -c 300 '${folder}/archive'`,
    };
    writeFileSync(join(folder, 'archive'), archive);
    for (const [code, rest] of Object.entries(cases)) {
      fake('mongodump', rest);
      assert.equal((await failure(pullAll(source(), host))).code, code);
    }
    fake('mongodump', `cat '${folder}/archive'; exit 1`);
    assert.equal((await failure(pullAll(source(), host))).code, 'source-incomplete');
    assert.equal((await failure(pullAll(source({ toolFolder: '/nowhere' }), host))).code, 'tool-missing');
  });

  test('a restore replaces, under another name if wanted, and reads all of the archive before', async () => {
    fake('mongorestore', `cat >'${folder}/restored'`);
    const contents = new Map([['databases/shop.archive', archive]]);
    assert.equal((await failure(source().push(host, asEntries(contents)))).code, 'invalid-argument');
    const { restored } = await source().push(host, asEntries(contents), { existing: 'replace', rename: { shop: 'copy' } });
    assert.deepEqual(restored, [{ path: 'databases/shop.archive', as: 'copy' }]);
    assert.ok(readFileSync(join(folder, 'restored')).equals(archive));
    const words = readFileSync(join(folder, 'mongorestore.arguments'), 'utf8').split('\n');
    for (const word of ['--archive', '--drop', '--stopOnError', '--nsFrom=shop.*', '--nsTo=copy.*']) assert.ok(words.includes(word), word);
    rmSync(join(folder, 'restored'));
    const cut = new Map([['databases/shop.archive', archive.subarray(0, -5)]]);
    assert.equal((await failure(source().push(host, asEntries(cut), { existing: 'replace' }))).code, 'source-incomplete');
    assert.deepEqual(globSync('restored', { cwd: folder }), []);
  });
});
