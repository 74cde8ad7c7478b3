import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { LocalHost } from '@holdfast/connect/local';
import { Secret } from '@holdfast/kernel';
import { type RedisServer, startRedis, whyNoRedis } from '../../../../test/services/redis.ts';
import { assertCutsAreNoticed } from '../../../../test/support/cut-short.ts';
import { failure } from '../../../../test/support/failure.ts';
import { asEntries, collect, inPieces, listPull, pullAll } from '../../../../test/support/source-streams.ts';
import { RedisOptions, RedisSource } from './index.ts';
import { verifyRdb } from './verify-rdb.ts';

await suite('Redis', { skip: whyNoRedis() }, async () => {
  let server: RedisServer;
  const host = new LocalHost();

  before(async () => {
    server = await startRedis();
    fill(server);
  });
  after(async () => await server[Symbol.asyncDispose]());

  function fill(redis: RedisServer): void {
    redis.ask('EVAL', "for i = 1, 2000 do redis.call('SET', 'key:' .. i, string.rep(tostring(i), 20)) end", '0');
    redis.ask('HSET', 'a hash', 'field "quoted"', 'four bytes 𝛑');
    redis.ask('RPUSH', 'list', 'one', 'two');
    redis.ask('ZADD', 'sorted', '1.5', 'member');
    redis.ask('XADD', 'stream', '*', 'field', 'value');
    redis.ask('SET', 'gone', 'soon', 'EX', '100000');
  }

  function options(more: Record<string, unknown> = {}): RedisOptions {
    return RedisOptions.parse({ host: '127.0.0.1', port: server.port, password: new Secret(server.password), ...more });
  }

  test('dump, flush, restore, compare', async () => {
    const source = new RedisSource(options());
    const wanted = server.ask('DEBUG', 'DIGEST');
    const contents = await pullAll(source, host);
    assert.deepEqual(Array.from(contents.keys()), ['dump.rdb']);
    assert.equal((await failure(source.push(host, asEntries(contents)))).code, 'target-occupied');
    server.ask('FLUSHALL');
    server.ask('SET', 'other', 'value');
    const { notes } = await source.push(host, asEntries(contents), { existing: 'replace' });
    assert.match(notes.join(), /stopped/);
    server = await server.again();
    assert.equal(server.ask('DEBUG', 'DIGEST'), wanted);
    assert.deepEqual(
      readdirSync(server.folder).filter((name) => name.includes('holdfast')),
      [],
    );
  });

  test('the mark that follows a transfer is no part of the file', async () => {
    const dump = (await pullAll(new RedisSource(options()), host)).get('dump.rdb') ?? Buffer.alloc(0);
    assert.equal(dump.at(-9), 0xff);
    const mark = Buffer.from('0123456789abcdef0123456789abcdef01234567');
    for (const size of [1, 7, 1000, 100_000]) {
      assert.ok((await collect(verifyRdb(inPieces(Buffer.concat([dump, mark]), size), 'it'))).equals(dump));
    }
  });

  test('no beginning of a dump passes for the whole, and no flipped bit', async () => {
    const dump = (await pullAll(new RedisSource(options()), host)).get('dump.rdb') ?? Buffer.alloc(0);
    await assertCutsAreNoticed(dump, (bytes) => verifyRdb(bytes, 'The dump'));
    for (let at = 0; at < dump.byteLength; at += 977) {
      const flipped = Buffer.from(dump);
      flipped[at] = (flipped[at] ?? 0) ^ 0x10;
      assert.equal((await failure(collect(verifyRdb(inPieces(flipped), 'The dump')))).code, 'source-incomplete');
    }
  });

  test('to another path: the file is put there and the server goes on', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-rdb-'));
    try {
      const source = new RedisSource(options());
      const contents = await pullAll(source, host);
      const place = join(folder, "it's.rdb");
      await source.push(host, asEntries(contents), { rename: { 'dump.rdb': place } });
      assert.ok(readFileSync(place).equals(contents.get('dump.rdb') ?? Buffer.alloc(0)));
      assert.equal((await failure(source.push(host, asEntries(contents), { rename: { 'dump.rdb': place } }))).code, 'target-occupied');
      const cut = new Map([['dump.rdb', readFileSync(place).subarray(0, -1)]]);
      const error = await failure(source.push(host, asEntries(cut), { rename: { 'dump.rdb': place }, existing: 'replace' }));
      assert.equal(error.code, 'source-incomplete');
      assert.deepEqual(readdirSync(folder), ["it's.rdb"]);
      assert.equal(server.ask('PING'), 'PONG');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('F1 wrong password, host, missing tool: the right code and no bytes', async () => {
    const cases = {
      'source-denied': { password: new Secret('wrong') },
      'source-unreachable': { port: 1 },
      'tool-missing': { toolFolder: '/nowhere/bin' },
    };
    for (const [code, more] of Object.entries(cases)) {
      const error = await failure(listPull(new RedisSource(options(more)), host));
      assert.equal(error.code, code, error.message);
      assert.ok((error.hint ?? '') !== '' && !error.message.includes(server.password));
      assert.equal((await failure(new RedisSource(options(more)).probe(host))).code, code);
    }
  });

  test('a user without the right to copy gets no dump, and the reason', async () => {
    server.ask('ACL', 'SETUSER', 'reader', 'on', '>pw', '~*', '+ping', '+info');
    const source = new RedisSource(options({ user: 'reader', password: new Secret('pw') }));
    const [dump] = await listPull(source, host);
    assert.ok(dump !== undefined);
    const error = await failure(collect(dump.open()));
    assert.ok(error.code === 'source-denied' || error.code === 'source-incomplete', `${error.code} ${error.message}`);
    server.ask('ACL', 'SETUSER', 'reader', '+sync', '+psync', '+replconf');
    assert.ok((await collect(dump.open())).byteLength > 0);
  });

  test('a server that writes no checksums is refused', async () => {
    await using bare = await startRedis({ configuration: ['rdbchecksum no'] });
    bare.ask('SET', 'a', 'b');
    const source = new RedisSource(options({ port: bare.port, password: new Secret(bare.password) }));
    const error = await failure(pullAll(source, host));
    assert.equal(error.code, 'source-incomplete');
    assert.match(error.hint ?? '', /rdbchecksum/);
  });

  test('a server with an append-only file is not restored to', async () => {
    await using other = await startRedis({ configuration: ['appendonly yes'] });
    const contents = await pullAll(new RedisSource(options()), host);
    const source = new RedisSource(options({ port: other.port, password: new Secret(other.password) }));
    assert.equal((await failure(source.push(host, asEntries(contents)))).code, 'invalid-argument');
  });

  test('F3 a server that is killed in mid-dump makes the stream throw', async () => {
    await using victim = await startRedis({ configuration: ['repl-diskless-sync yes', 'repl-diskless-sync-delay 0'] });
    victim.ask(
      'EVAL',
      "for i = 1, 60000 do redis.call('SET', 'key:' .. i, redis.sha1hex(i) .. redis.sha1hex(-i) .. string.rep(redis.sha1hex(i), 20)) end",
      '0',
    );
    const [dump] = await listPull(new RedisSource(options({ port: victim.port, password: new Secret(victim.password) })), host);
    assert.ok(dump !== undefined);
    let bytes = 0;
    const reading = async (): Promise<void> => {
      for await (const piece of dump.open()) {
        if (bytes === 0) process.kill(victim.pid, 'SIGKILL');
        bytes += piece.byteLength;
      }
    };
    const error = await failure(reading());
    assert.equal(error.code, 'source-incomplete', error.message);
  });

  test('the password is in no process list, and in the environment of redis-cli alone', async () => {
    const [dump] = await listPull(new RedisSource(options()), host);
    assert.ok(dump !== undefined);
    for await (const _ of dump.open()) {
      for (const file of globSync('/proc/[0-9]*/cmdline'))
        assert.ok(!readQuietly(file).includes(server.password), `${file} has the password`);
    }
  });

  test('explain shows the commands and nothing secret', () => {
    const { pull } = new RedisSource(options()).explain(host);
    const lines = pull.flatMap(({ steps }) => steps.map(({ line }) => line)).join('\n');
    assert.match(lines, /redis-cli .*--rdb/);
    assert.ok(!lines.includes(server.password));
  });
});

function readQuietly(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return ''; // it has ended meanwhile
  }
}
