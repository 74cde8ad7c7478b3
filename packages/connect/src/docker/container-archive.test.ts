import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { type DockerEngine, startDockerd, whyNoDocker } from '../../../../test/services/dockerd.ts';
import { runProgram } from '../../../../test/services/run-program.ts';
import { openContainer, runText } from '../../../../test/support/docker-chain.ts';
import { LocalHost } from '../local-host.ts';
import { fileModeOf } from './go-file-mode.ts';
import { archiveOf, type ContainerArchive } from './index.ts';

const isCode = (code: CodedError['code']) => (error: unknown) => CodedError.is(error, code);

void test('the mode of a path is read as Go writes it', () => {
  assert.deepEqual(fileModeOf(0o644), { type: 'file', permissions: 0o644 });
  assert.deepEqual(fileModeOf(2 ** 31 + 2 ** 20 + 0o777), { type: 'dir', permissions: 0o1777 });
  assert.deepEqual(fileModeOf(2 ** 23 + 2 ** 22 + 0o755), { type: 'file', permissions: 0o6755 });
  assert.deepEqual(fileModeOf(2 ** 26 + 2 ** 21 + 0o600), { type: 'chardev', permissions: 0o600 });
});

/** The files of an archive by name, as tar unpacks them; directories end in a slash. */
async function unpack(source: AsyncIterable<Uint8Array>): Promise<Map<string, string>> {
  const parts: Uint8Array[] = [];
  for await (const bytes of source) parts.push(bytes);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-unpack-'));
  try {
    writeFileSync(join(folder, 'tar'), Buffer.concat(parts));
    mkdirSync(join(folder, 'files'));
    runProgram('tar', ['-C', join(folder, 'files'), '-xf', join(folder, 'tar')]);
    const found = spawnSync('find', ['.', '-mindepth', '1', '-printf', '%y%P\\0'], { cwd: join(folder, 'files') });
    const entries = found.stdout.toString('latin1').split('\0').filter(Boolean);
    return new Map(
      entries.map((entry) => {
        const name = entry.slice(1);
        const path = Buffer.from(`${folder}/files/${name}`, 'latin1');
        return entry.startsWith('d') ? [`${name}/`, ''] : [name, entry.startsWith('f') ? readFileSync(path, 'utf8') : ''];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function* packed(name: string, content: string): AsyncGenerator<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-pack-'));
  try {
    writeFileSync(join(folder, name), content, { mode: 0o640 });
    utimesSync(join(folder, name), 1_767_323_045, 1_767_323_045);
    runProgram('tar', ['-C', folder, '-cf', join(folder, 'tar'), name]);
    yield readFileSync(join(folder, 'tar'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

void describe('files of a container by its engine', { skip: whyNoDocker() ?? false }, () => {
  let engine: DockerEngine;
  before(async () => {
    engine = await startDockerd();
  });
  after(async () => await engine[Symbol.asyncDispose]());

  async function withArchive(name: string, work: (archive: ContainerArchive) => Promise<void>): Promise<void> {
    await using host = await openContainer(engine, { name });
    const archive = archiveOf(host);
    assert.ok(archive !== undefined);
    await work(archive);
  }

  void test('files of a stopped container without a shell are read whole', async () => {
    engine.run('stopped', [], ['/sleep', '100000'], 'static');
    engine.docker(['kill', 'stopped']);
    await withArchive('stopped', async (archive) => {
      assert.deepEqual(
        await unpack(archive.readArchive('/data')),
        new Map([
          ['data/', ''],
          ['data/hello', 'hello\n'],
        ]),
      );
      const { type, permissions, sizeBytes } = await archive.statPath('/data/hello');
      assert.deepEqual({ type, permissions, sizeBytes }, { type: 'file', permissions: 0o644, sizeBytes: 6 });
      assert.equal((await archive.statPath('/data')).type, 'dir');
    });
  });

  void test('what is written is read back, with its time and its mode', async () => {
    engine.run('written');
    await withArchive('written', async (archive) => {
      await archive.writeArchive('/tmp', packed('made', 'content'));
      const { permissions, mtimeNs } = await archive.statPath('/tmp/made');
      assert.deepEqual([permissions, mtimeNs], [0o640, 1_767_323_045_000_000_000n]);
      assert.deepEqual(await unpack(archive.readArchive('/tmp/made')), new Map([['made', 'content']]));
    });
  });

  void test('F61 F62 names are bytes: blanks, quotes, newlines and what is no UTF-8', async () => {
    engine.run('names');
    await using host = await openContainer(engine, { name: 'names' });
    const archive = archiveOf(host);
    assert.ok(archive !== undefined);
    for (const name of ['a b', "it's", '$(id)', 'two\nlines', '?path=etc&x#y', '%41', 'ü', Uint8Array.of(0x66, 0xff, 0xfe, 0x80)]) {
      const path = Buffer.concat([Buffer.from('/tmp/'), Buffer.from(name)]);
      assert.deepEqual((await runText(host, ['sh', '-c', 'echo "found" >"$1"', 'sh', path])).exit, { kind: 'exited', code: 0 });
      assert.equal((await archive.statPath(path)).sizeBytes, 6);
      const reading = unpack(archive.readArchive(path));
      // Docker answers with an empty archive for a last part that is no UTF-8. That must not pass for a file without content.
      if (typeof name === 'string') assert.deepEqual([...(await reading).values()], ['found\n']);
      else await assert.rejects(reading, isCode('engine-refused'));
    }
    const whole = await unpack(archive.readArchive('/tmp'));
    assert.equal(whole.get('tmp/f\xff\xfe\x80'), 'found\n');
    assert.equal(whole.size, 9);
  });

  void test('links are seen as links, and what is not there is said so', async () => {
    engine.run('links');
    await withArchive('links', async (archive) => {
      const link = await archive.statPath('/bin/sh');
      assert.deepEqual([link.type, link.linkTarget], ['symlink', '/bin/busybox']);
      await assert.rejects(archive.statPath('/no/such'), isCode('path-not-found'));
      await assert.rejects(unpack(archive.readArchive('/no/such')), isCode('path-not-found'));
      await assert.rejects(archive.writeArchive('/no/such', packed('a', 'b')), isCode('path-not-found'));
      await assert.rejects(archive.statPath('relative'), isCode('invalid-argument'));
      await assert.rejects(archive.statPath('/a\0b'), isCode('invalid-argument'));
      engine.docker(['rm', '--force', 'links']);
      await assert.rejects(archive.statPath('/bin/sh'), isCode('container-not-found'));
    });
  });

  void test('a source that fails while files are written is thrown again', async () => {
    engine.run('failing');
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(100);
      throw new Error('the source is gone');
    }
    await withArchive('failing', async (archive) => {
      await assert.rejects(archive.writeArchive('/tmp', failing()), /the source is gone/);
    });
  });

  void test('reading stops when it is cancelled or left, and the engine goes on', async () => {
    engine.run('cancelled');
    await withArchive('cancelled', async (archive) => {
      const cancel = new AbortController();
      const reading = unpack(archive.readArchive('/bin', { signal: cancel.signal }));
      cancel.abort(new Error('enough'));
      await assert.rejects(reading, /enough/);
      for await (const bytes of archive.readArchive('/bin')) {
        assert.ok(bytes.length > 0);
        break;
      }
      assert.equal((await archive.statPath('/bin')).type, 'dir');
    });
  });

  void test('the client has no such functions', async () => {
    engine.run('by-client');
    await using host = await openContainer(engine, { name: 'by-client' }, { way: 'client' });
    assert.equal(archiveOf(host), undefined);
    assert.equal(archiveOf(new LocalHost()), undefined);
  });
});
