import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { S3Bucket } from '@holdfast/connect/s3';
import { CodedError, Secret } from '@holdfast/kernel';
import { BucketOptions, BucketSource, type PushObjectsReport, pushObjects } from '@holdfast/source/bucket';
import type { RestoreEntry } from '@holdfast/source/port';
import { MemoryStorage } from '@holdfast/storage/memory';
import { storageCodes } from '@holdfast/storage/s3';
import { type BackupReport, backup, check, dump, everyPack, Repository, walkSnapshot } from '../packages/engine/src/index.ts';
import { type Radosgw, startRadosgw, whyNoRadosgw } from './services/radosgw.ts';
import type { S3Server } from './services/s3-server.ts';
import { startSwift, whyNoSwift } from './services/swift.ts';
import { FastRandom } from './support/fast-random.ts';
import { type FaultyProxy, startFaultyProxy } from './support/faulty-proxy.ts';

/** Keys that are no paths of a file system, or not only. */
const oddKeys = [
  'plain',
  'directory/file',
  'directory',
  'directory!',
  'directory!/x',
  'directory-1/a',
  'trailing/',
  'trailing/file',
  'double//slash',
  'double//slash//',
  '/leading',
  'dots/./one',
  'dots/../two',
  '...',
  'percent%41/%empty',
  'percentA/x',
  'a b+c&d=e?f#g',
  'tab\tand\nline',
  'ünïcode/日本語/\u{1f600}',
  'back\\slash',
  'quote\'"',
  `deep/${'d/'.repeat(200)}end`,
  `long/${'x'.repeat(1000)}`,
] as const;

const servers = [
  { name: 'radosgw', why: whyNoRadosgw(), start: startRadosgw },
  { name: 'Swift', why: whyNoSwift(), start: startSwift },
] as const;

for (const { name, why, start } of servers) {
  void describe(`a bucket of ${name} as a source`, { skip: why ?? false }, () => {
    let started: Promise<{ readonly server: S3Server | Radosgw; readonly proxy: FaultyProxy }> | undefined;
    let buckets = 0;
    after(async () => {
      const running = await started;
      await running?.proxy[Symbol.asyncDispose]();
      await running?.server[Symbol.asyncDispose]();
    });

    async function open(contents: Readonly<Record<string, Uint8Array>> = {}): Promise<Opened> {
      started ??= (async () => {
        const server = await start();
        return { server, proxy: await startFaultyProxy(server.endpoint) };
      })();
      const { server, proxy } = await started;
      proxy.plan = () => undefined;
      const { accessKeyId, secretAccessKey } = server;
      const options = BucketOptions.parse({
        endpoint: proxy.endpoint,
        bucket: `source-${++buckets}`,
        accessKeyId,
        secretAccessKey,
        connections: 8,
      });
      const { prefix: _, ...own } = options;
      const bucket = new S3Bucket(own, { codes: storageCodes, attempts: 3 });
      await bucket.create();
      for (const [key, bytes] of Object.entries(contents)) await bucket.put(key, bytes);
      const repository = await Repository.init({ storage: new MemoryStorage(), password: new Secret('p'), scrypt: { N: 16, r: 1, p: 1 } });
      return { options, bucket, repository, proxy };
    }

    test('any key comes back from a snapshot: into the same bucket, another one, below another prefix', { timeout: 240_000 }, async () => {
      const contents = Object.fromEntries(oddKeys.map((key, i) => [key, Buffer.from(`content ${i} of ${key}`)]));
      const it = await open(contents);
      const report = await run(it);
      assert.deepEqual(
        report.problems.map(({ error }) => error.message),
        [],
      );
      assert.equal(report.counts.files, oddKeys.length);
      assert.deepEqual(await contentsOf(it.bucket), contents);
      for (const key of oddKeys) await it.bucket.remove(key);
      const back = await push(it, report, { target: it.options, overwrite: 'always' });
      assert.deepEqual([back.written, back.problems], [oddKeys.length, []]);
      assert.deepEqual(await contentsOf(it.bucket), contents);

      const other = await open();
      const rename = { from: '', to: 'put/back/' };
      const renamed = await push(it, report, { target: { ...other.options, prefix: 'put/' }, rename, overwrite: 'always' });
      const long = oddKeys.filter((key) => Buffer.byteLength(`put/back/${key}`) > 1024);
      assert.deepEqual([renamed.written, renamed.problems.length], [oddKeys.length - long.length, long.length]);
      const expected = oddKeys.filter((key) => !long.includes(key)).map((key) => [`put/back/${key}`, contents[key]] as const);
      assert.deepEqual(await contentsOf(other.bucket), Object.fromEntries(expected));
      const again = await push(it, report, { target: it.options, overwrite: 'never' });
      assert.deepEqual([again.written, again.left], [0, oddKeys.length]);
      assert.deepEqual((await check(it.repository, { selectPacks: everyPack })).errors, []);
    });

    test('only what is new or changed is read again, also where size and time are the same', { timeout: 240_000 }, async () => {
      const contents: Record<string, Uint8Array> = {};
      for (let number = 0; number < 120; number++) contents[`objects/${number % 7}/${number}`] = Buffer.from(`content ${number}`);
      const it = await open(contents);
      await run(it);
      const reads = (): string[] =>
        it.proxy.requests.filter(({ method, path }) => method === 'GET' && !path.includes('list-type')).map(({ path }) => path);
      const before = reads().length;
      const same = await run(it);
      assert.deepEqual([same.counts.filesUnmodified, same.counts.filesChanged, reads().length - before], [120, 0, 0]);
      await it.bucket.put('objects/1/1', Buffer.from('CONTENT 1'));
      await it.bucket.put('new', Buffer.from('new'));
      await it.bucket.remove('objects/2/2');
      const changed = await run(it);
      assert.deepEqual([changed.counts.filesNew, changed.counts.filesChanged, changed.counts.filesUnmodified], [1, 1, 118]);
      assert.equal(reads().length - before, 2);
      assert.deepEqual(await storedIn(it, changed), await contentsOf(it.bucket));
      const part = await run({ ...it, options: { ...it.options, prefix: 'objects/3/' } });
      assert.equal(part.counts.files, 17);
    });

    test('large objects are read in pieces by several requests, and put back in parts', { timeout: 240_000 }, async () => {
      const random = new FastRandom(11);
      const contents = {
        empty: new Uint8Array(0),
        exact: random.bytes(4 << 20),
        large: random.bytes((40 << 20) + 5),
        small: random.bytes(7),
      };
      const it = await open(contents);
      const report = await run(it);
      assert.deepEqual(report.problems, []);
      await it.bucket.remove('large');
      const back = await push(it, report, { target: it.options, overwrite: 'never' });
      assert.deepEqual([back.written, back.left, back.problems], [1, 3, []]);
      const stored = await contentsOf(it.bucket);
      for (const [key, bytes] of Object.entries(contents)) assert.equal(Buffer.compare(stored[key] ?? Buffer.alloc(0), bytes), 0, key);
      // A restore that is cut short leaves the object as it was, and no parts.
      const broken = push(it, report, { target: it.options, overwrite: 'always' }, 20 << 20);
      await assert.rejects(broken, (error) => CodedError.is(error, 'blob-damaged'));
      assert.equal(Buffer.compare((await contentsOf(it.bucket))['large'] ?? Buffer.alloc(0), contents.large), 0);
      assert.ok(it.proxy.requests.some(({ method, path }) => method === 'DELETE' && path.includes('uploadId')));
    });

    test('an object that is replaced or removed in between is a problem, and never a mixture', { timeout: 240_000 }, async () => {
      const random = new FastRandom(12);
      const first = random.bytes(20 << 20);
      const second = random.bytes(20 << 20);
      const it = await open({ grown: Buffer.from('x'), large: first, listed: Buffer.from('before'), removed: Buffer.from('gone soon') });
      let pieces = 0;
      // One request at a time, so that the pieces behind the first are asked for when the object is another one.
      await using entries = new BucketSource({ ...it.options, connections: 1 });
      const between = {
        list: entries.list.bind(entries),
        findTagged: entries.findTagged.bind(entries),
        read: async function* (...[files, options]: Parameters<BucketSource['read']>) {
          await it.bucket.put('listed', Buffer.from('behind'));
          await it.bucket.put('grown', second);
          await it.bucket.remove('removed');
          for await (const item of entries.read(files, options)) {
            if (item.kind !== 'content' || item.sizeBytes !== first.byteLength || files[item.index]?.path.at(-1) !== 'e'.charCodeAt(0)) {
              yield item;
              continue;
            }
            const bytes = async function* (): AsyncGenerator<Uint8Array> {
              for await (const piece of item.bytes) {
                if (++pieces === 1) await it.bucket.put('large', second);
                yield piece;
              }
            };
            yield { ...item, bytes: bytes() };
          }
        },
      };
      await using lock = await it.repository.lockAndLoadIndex({ exclusive: false });
      const report = await backup([{ repository: it.repository, lock, parent: undefined }], {
        targets: [entries.target],
        entries: between,
      });
      const problems = Object.fromEntries(report.problems.map(({ path, kind }) => [Buffer.from(path).toString().split('/').at(-1), kind]));
      assert.equal(problems['listed'], 'changed');
      assert.equal(problems['grown'], 'changed');
      assert.equal(problems['removed'], 'vanished');
      const stored = await storedIn(it, report);
      assert.equal(Buffer.from(stored['listed'] ?? []).toString(), 'behind');
      assert.equal(Buffer.compare(stored['grown'] ?? Buffer.alloc(0), second), 0);
      assert.deepEqual([problems['large'], stored['large']], ['unreadable', undefined]);
    });

    test('a bucket that is empty, missing or closed', async () => {
      const it = await open();
      const empty = await run(it);
      assert.deepEqual([empty.counts.files, empty.problems], [0, []]);
      const refused = async (options: Partial<BucketOptions>, code: string): Promise<void> => {
        await using source = new BucketSource({ ...it.options, ...options });
        await assert.rejects(source.probe(), (error) => CodedError.is(error) && error.code === code && error.hint !== undefined, code);
      };
      await refused({ bucket: 'no-such-bucket' }, 'source-not-found');
      await refused({ secretAccessKey: new Secret('wrong') }, 'source-denied');
      await refused({ endpoint: 'http://127.0.0.1:1' }, 'source-unreachable');
      const nothing = run({ ...it, options: { ...it.options, prefix: 'not/there/' } });
      await assert.rejects(nothing, (error) => CodedError.is(error, 'path-not-found'));
    });

    test('a server that is busy now and then is asked again; a list or a content that breaks off for good ends the run', async () => {
      const contents = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`o/${i}`, Buffer.from(`${i}`.repeat(1000))]));
      const it = await open(contents);
      let number = 0;
      it.proxy.plan = () => (++number % 5 === 0 ? { kind: 'answer', status: 503 } : undefined);
      const report = await run(it);
      it.proxy.plan = () => undefined;
      assert.deepEqual(report.problems, []);
      assert.deepEqual(await storedIn(it, report), contents);
      for (const isList of [true, false]) {
        await it.bucket.put('o/1', Buffer.from(`another ${isList}`));
        it.proxy.plan = ({ path }) => (path.includes('list-type') === isList ? { kind: 'cut', afterBytes: 2, how: 'reset' } : undefined);
        await assert.rejects(run(it), (error) => CodedError.is(error, 'source-unreachable'), `list: ${isList}`);
        it.proxy.plan = () => undefined;
      }
    });

    test('directories that an object tags as caches keep that object only', async () => {
      const tag = Buffer.from('Signature: 8a477f597d28d172789f06886806bc55\n');
      const it = await open({
        'c/CACHEDIR.TAG': tag,
        'c/x': Buffer.from('x'),
        'd/CACHEDIR.TAG': Buffer.from('no such signature, though'),
        'd/y': Buffer.from('y'),
      });
      const report = await run(it, { exclusions: { caches: true } });
      assert.deepEqual(Object.keys(await storedIn(it, report)).sort(), ['c/CACHEDIR.TAG', 'd/CACHEDIR.TAG', 'd/y']);
    });
  });
}

interface Opened {
  readonly options: BucketOptions;
  /** Goes through the proxy too. */
  readonly bucket: S3Bucket;
  readonly repository: Repository;
  readonly proxy: FaultyProxy;
}

/** A backup against the latest snapshot. */
async function run({ options, repository }: Opened, more: Partial<Parameters<typeof backup>[1]> = {}): Promise<BackupReport> {
  await using entries = new BucketSource(options);
  await using lock = await repository.lockAndLoadIndex({ exclusive: false });
  const parent = (await repository.snapshots()).toSorted((a, b) => (a.time < b.time ? -1 : 1)).at(-1);
  const report = await backup([{ repository, lock, parent }], { targets: [entries.target], entries, ...more });
  assert.equal(report.destinations[0]?.error, undefined);
  return report;
}

async function contentsOf(bucket: S3Bucket): Promise<Record<string, Uint8Array>> {
  const found: Record<string, Uint8Array> = {};
  for await (const { key } of bucket.list('')) found[key] = Buffer.concat(await Array.fromAsync((await bucket.get(key)).bytes));
  return found;
}

async function* entriesOf(
  { repository }: Opened,
  { tree }: BackupReport,
  failAfterBytes = Number.POSITIVE_INFINITY,
): AsyncGenerator<RestoreEntry> {
  for await (const { path, node } of walkSnapshot(repository, tree)) {
    if (node.type !== 'file') continue;
    yield {
      path,
      metadata: { ...node, type: 'file', permissions: 0o644, links: 1, linkTarget: undefined, device: 0n },
      async *open() {
        let bytes = 0;
        for await (const part of (await dump(repository, { tree, path })).content) {
          bytes += part.byteLength;
          if (bytes > failAfterBytes) throw new CodedError({ code: 'blob-damaged', message: 'as planned' });
          yield part;
        }
      },
    };
  }
}

async function push(
  it: Opened,
  report: BackupReport,
  options: Parameters<typeof pushObjects>[1],
  failAfterBytes?: number,
): Promise<PushObjectsReport> {
  return await pushObjects(entriesOf(it, report, failAfterBytes), options);
}

/** What a snapshot has, by key: put into a map instead of a bucket. */
async function storedIn(it: Opened, report: BackupReport): Promise<Record<string, Uint8Array>> {
  const found: Record<string, Uint8Array> = {};
  for await (const { path, open } of entriesOf(it, report)) {
    found[Buffer.from(path).toString().split('/').slice(2).join('/')] = Buffer.concat(await Array.fromAsync(open()));
  }
  return found;
}
