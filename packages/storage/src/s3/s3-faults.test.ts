import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { S3Options } from '@holdfast/connect/s3';
import { CodedError, type ErrorCode, ManualClock, Secret } from '@holdfast/kernel';
import { type Radosgw, startRadosgw, whyNoRadosgw } from '../../../../test/services/radosgw.ts';
import { type FaultyProxy, type ProxyFault, startFaultyProxy } from '../../../../test/support/faulty-proxy.ts';
import { allNames, listed, sampleBytes, sampleFile } from '../conformance/samples.ts';
import { bytesBody, type Storage } from '../port/index.ts';
import { InstantClock } from '../wrappers/instant-clock.ts';
import { RetryStorage } from '../wrappers/retry-storage.ts';
import { seededRandom } from '../wrappers/seeded-random.ts';
import { S3Storage } from './s3-storage.ts';

const reason = whyNoRadosgw();
const file = sampleFile('data');
const bytes = sampleBytes(300_000, 3);
/** Long enough for a server that works on a busy machine. */
const idleTimeoutMs = 1500;

void describe('a bucket behind a line on which things go wrong', { skip: reason ?? false }, () => {
  let started: Promise<{ readonly server: Radosgw; readonly proxy: FaultyProxy }> | undefined;
  let places = 0;
  after(async () => {
    const running = await started;
    await running?.proxy[Symbol.asyncDispose]();
    await running?.server[Symbol.asyncDispose]();
  });

  async function open(more: Partial<S3Options> = {}): Promise<{ storage: S3Storage; server: Radosgw; proxy: FaultyProxy }> {
    started ??= (async () => {
      const server = await startRadosgw();
      const { endpoint, accessKeyId, secretAccessKey } = server;
      // The first bucket takes it seconds.
      await using first = new S3Storage({
        bucket: S3Options.parse({ endpoint, bucket: 'faults', accessKeyId, secretAccessKey }),
        prefix: '',
      });
      await first.create();
      await first.save(file, bytesBody(bytes));
      return { server, proxy: await startFaultyProxy(server.endpoint) };
    })();
    const { server, proxy } = await started;
    proxy.plan = () => undefined;
    const { accessKeyId, secretAccessKey } = server;
    const known = { endpoint: proxy.endpoint, bucket: 'faults', accessKeyId, secretAccessKey, idleTimeoutMs };
    const storage = new S3Storage({ bucket: S3Options.parse({ ...known, ...more }), prefix: `place-${++places}` });
    return { storage, server, proxy };
  }

  const verbs: Readonly<Record<string, (storage: Storage) => Promise<unknown>>> = {
    save: (storage) => storage.save(sampleFile('data', 7), bytesBody(bytes)),
    load: (storage) => storage.load(file),
    'load of a range': (storage) => storage.load(file, { offset: 1000, length: 200_000 }),
    stat: (storage) => storage.stat(file),
    list: (storage) => listed(storage, 'data'),
    remove: (storage) => storage.remove(file),
  };
  const slowDown =
    '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message><RequestId>1</RequestId></Error>';
  const answers: readonly ProxyFault[] = [
    { kind: 'answer', status: 500 },
    { kind: 'answer', status: 502, body: '<html><body>Bad gateway</body></html>', headers: { 'content-type': 'text/html' } },
    { kind: 'answer', status: 503, body: slowDown, headers: { 'content-type': 'application/xml' } },
    { kind: 'answer', status: 429 },
    { kind: 'reset' },
    { kind: 'lost-answer' },
    { kind: 'silent' },
  ];

  for (const [name, verb] of Object.entries(verbs)) {
    test(`${name}: each failure that may pass is a temporary one within the time-out, and the next try does what was asked for, once`, async () => {
      for (const fault of answers) {
        const { storage, proxy } = await open();
        await using _ = storage;
        await storage.create();
        await storage.save(file, bytesBody(bytes));
        const about = `${name} ${JSON.stringify(fault)}`;
        const first = proxy.requests.length + 1;
        proxy.plan = () => fault;
        const begunMs = performance.now();
        await assert.rejects(verb(storage), (error) => {
          assert.ok(CodedError.is(error, 'storage-unreachable'), `${about}: ${String(error)}`);
          assert.equal(error.retry, 'temporary', about);
          assert.ok(error.hint !== undefined && error.message.includes(storage.properties.description.split('/place')[0] ?? ''), about);
          return true;
        });
        assert.ok(performance.now() - begunMs < 5 * idleTimeoutMs, `${about} took ${performance.now() - begunMs} ms`);
        // Whoever asks again by itself does it now and then; the library does not on top of that.
        assert.ok(proxy.requests.length - first < 2, about);
        const isSecond = proxy.requests.length + 1;
        proxy.plan = ({ number }) => (number <= isSecond ? fault : undefined);
        const clock = new InstantClock();
        await using retrying = new RetryStorage(storage, { clock, random: seededRandom(1), onRetry: () => undefined });
        const isGone = name === 'remove' && fault.kind === 'lost-answer';
        const again = verb(retrying);
        if (isGone) await again.catch((error: unknown) => assert.ok(CodedError.is(error, 'storage-not-found'), String(error)));
        else assert.ok((await again) !== null, about);
        proxy.plan = () => undefined;
        const expected = name === 'remove' ? [] : [file, ...(name === 'save' ? [sampleFile('data', 7)] : [])];
        assert.deepEqual(await allNames(storage), expected.map((one) => `data/${one.name}`).sort(), about);
        for (const one of expected) assert.equal(Buffer.compare(await storage.load(one), bytes), 0, about);
      }
    });
  }

  test('an answer that breaks off, stands still or is shorter than it should be is an error, and never fewer bytes', async () => {
    const { storage, proxy } = await open();
    await using _ = storage;
    await storage.create();
    await storage.save(file, bytesBody(bytes));
    for (const range of [undefined, { offset: 5, length: 250_000 }]) {
      for (const afterBytes of [0, 1, 100_000, 249_999]) {
        for (const how of ['reset', 'freeze'] as const) {
          proxy.plan = () => ({ kind: 'cut', afterBytes, how });
          const begunMs = performance.now();
          const expected = { code: 'storage-unreachable', retry: 'temporary' };
          await assert.rejects(storage.load(file, range), expected, `${how} after ${afterBytes}`);
          assert.ok(performance.now() - begunMs < 5 * idleTimeoutMs);
        }
      }
      proxy.plan = () => ({ kind: 'short', keepBytes: 1000 });
      if (range !== undefined) await assert.rejects(storage.load(file, range), (error) => CodedError.is(error), 'short');
      proxy.plan = () => undefined;
      const loaded = await storage.load(file, range);
      assert.equal(Buffer.compare(loaded, range === undefined ? bytes : bytes.subarray(5, 250_005)), 0);
    }
  });

  test('a list that breaks off, or whose end is missing, is an error and no shorter list', async () => {
    const { storage, proxy } = await open();
    await using _ = storage;
    await storage.create();
    for (let seed = 0; seed < 20; seed++) await storage.save(sampleFile('data', seed), bytesBody(sampleBytes(10)));
    for (const afterBytes of [0, 300, 1500]) {
      for (const how of ['reset', 'freeze'] as const) {
        proxy.plan = () => ({ kind: 'cut', afterBytes, how });
        await assert.rejects(listed(storage, 'data'), { code: 'storage-unreachable', retry: 'temporary' }, `${how} after ${afterBytes}`);
      }
    }
    proxy.plan = () => ({ kind: 'short', keepBytes: 1500 });
    await assert.rejects(listed(storage, 'data'), (error) => CodedError.is(error) && error.code !== 'storage-not-found');
    const page = (more: string): string =>
      `<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>faults</Name><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys>${more}</ListBucketResult>`;
    for (const more of [
      '<IsTruncated>true</IsTruncated>',
      '<IsTruncated>true</IsTruncated><NextContinuationToken>x</NextContinuationToken>',
    ]) {
      proxy.plan = () => ({ kind: 'answer', status: 200, body: page(more), headers: { 'content-type': 'application/xml' } });
      await assert.rejects(listed(storage, 'data'), { code: 'storage-misconfigured' }, more);
    }
    proxy.plan = () => undefined;
    assert.equal((await listed(storage, 'data')).length, 20);
  });

  test('F13 what arrives otherwise than it was sent is refused by the server, and nothing of it is there', async () => {
    const { storage, proxy } = await open();
    await using _ = storage;
    await storage.create();
    proxy.plan = ({ method }) => (method === 'PUT' ? { kind: 'garbled-upload' } : undefined);
    await assert.rejects(storage.save(file, bytesBody(bytes)), { code: 'storage-io', retry: 'temporary' });
    assert.deepEqual(await allNames(storage), []);
    await storage.save(sampleFile('key'), bytesBody(new Uint8Array(0)));
  });

  test('a long wait for each answer is not a failure', async () => {
    const { storage, proxy } = await open();
    await using _ = storage;
    await storage.create();
    proxy.plan = () => ({ kind: 'slow', ms: 300 });
    await storage.save(file, bytesBody(bytes));
    assert.equal(Buffer.compare(await storage.load(file), bytes), 0);
  });

  test('an abort ends a call that waits for an answer, or reads one, with its reason', async () => {
    const { storage, proxy } = await open({ idleTimeoutMs: 60_000 });
    await using _ = storage;
    await storage.create();
    await storage.save(file, bytesBody(bytes));
    for (const fault of [{ kind: 'silent' }, { kind: 'cut', afterBytes: 1000, how: 'freeze' }] as const) {
      for (const [name, verb] of Object.entries<(signal: AbortSignal) => Promise<unknown>>({
        save: (signal) => storage.save(sampleFile('data', 8), bytesBody(bytes), { signal }),
        load: (signal) => storage.load(file, undefined, { signal }),
        list: (signal) => Array.fromAsync(storage.list('data', { signal })),
      })) {
        proxy.plan = () => fault;
        const stop = new AbortController();
        const because = new Error(`stop ${name}`);
        setTimeout(() => stop.abort(because), 150);
        const begunMs = performance.now();
        await assert.rejects(
          verb(stop.signal),
          (error) => error === because || (fault.kind === 'cut' && name !== 'load'),
          `${fault.kind} ${name}`,
        );
        assert.ok(performance.now() - begunMs < 2000);
      }
    }
  });

  const refusals: readonly {
    readonly what: string;
    readonly options: Partial<S3Options>;
    readonly code: ErrorCode;
    readonly hint: RegExp;
    readonly fault?: ProxyFault;
  }[] = [
    { what: 'another secret key', options: { secretAccessKey: new Secret('wrong') }, code: 'storage-denied', hint: /belong together/ },
    { what: 'an unknown access key', options: { accessKeyId: 'NOBODY' }, code: 'storage-denied', hint: /belong together/ },
    {
      what: 'a bucket in another region',
      options: {},
      fault: {
        kind: 'answer',
        status: 301,
        headers: { 'x-amz-bucket-region': 'eu-west-9', 'content-type': 'application/xml' },
        body: '<?xml version="1.0"?><Error><Code>PermanentRedirect</Code><Message>Use the specified endpoint.</Message><Endpoint>b.s3.eu-west-9.amazonaws.com</Endpoint></Error>',
      },
      code: 'storage-misconfigured',
      hint: /eu-west-9/,
    },
    {
      what: 'a signature for another region',
      options: {},
      fault: {
        kind: 'answer',
        status: 400,
        body: `<?xml version="1.0"?><Error><Code>AuthorizationHeaderMalformed</Code><Message>the region 'us-east-1' is wrong; expecting 'eu-west-9'</Message><Region>eu-west-9</Region></Error>`,
        headers: { 'content-type': 'application/xml' },
      },
      code: 'storage-misconfigured',
      hint: /eu-west-9/,
    },
    {
      what: 'a web page in place of the service',
      options: {},
      fault: { kind: 'answer', status: 200, body: '<!doctype html><html><p>Welcome</html>', headers: { 'content-type': 'text/html' } },
      code: 'storage-misconfigured',
      hint: /address and port|address is that/,
    },
    {
      what: 'a web server that knows no such page',
      options: {},
      fault: { kind: 'answer', status: 404, body: '<html><h1>Not found</h1></html>', headers: { 'content-type': 'text/html' } },
      code: 'storage-misconfigured',
      hint: /address and port/,
    },
    { what: 'TLS where there is none', options: { endpoint: 'https' }, code: 'storage-misconfigured', hint: /http or https/ },
    { what: 'nothing that listens', options: { endpoint: 'http://127.0.0.1:1' }, code: 'storage-unreachable', hint: /network/ },
    { what: 'a name that nobody has', options: { endpoint: 'http://nobody.invalid' }, code: 'storage-unreachable', hint: /name|network/ },
  ];
  for (const { what, options, code, hint, fault } of refusals) {
    test(`${what} is ${code}, with a hint, for every verb`, async () => {
      const { proxy } = await open();
      const endpoint = options.endpoint === 'https' ? proxy.endpoint.replace('http:', 'https:') : options.endpoint;
      const { storage } = await open({ ...options, ...(endpoint === undefined ? {} : { endpoint }) });
      await using _ = storage;
      if (fault !== undefined) proxy.plan = () => fault;
      for (const [name, verb] of Object.entries(verbs)) {
        if (fault?.kind === 'answer' && fault.status === 200 && name !== 'list') continue;
        await assert.rejects(verb(storage), (error) => {
          assert.ok(CodedError.is(error, code), `${name}: ${String(error)}`);
          assert.match(error.hint ?? '', hint, name);
          assert.equal(error.retry, code === 'storage-unreachable' ? 'temporary' : 'permanent');
          return true;
        });
      }
    });
  }

  test('a bucket that is not there has no files, takes none, and is made by create', async () => {
    const { storage } = await open({ bucket: 'not-there-yet' });
    await using _ = storage;
    assert.deepEqual(await allNames(storage), []);
    for (const name of ['save', 'load', 'stat', 'remove']) {
      await assert.rejects(
        async () => await verbs[name]?.(storage),
        (error) => {
          return CodedError.is(error, 'storage-not-found') && /bucket/i.test(`${error.message} ${error.hint}`);
        },
        name,
      );
    }
    await storage.create();
    await storage.save(file, bytesBody(bytes));
    assert.deepEqual(await allNames(storage), [`data/${file.name}`]);
  });

  test("another's bucket, a used up quota and a clock that is wrong are told apart", async () => {
    const { storage, server } = await open();
    await using _ = storage;
    await storage.create();
    const other = await open(addAccount(server, 'stranger'));
    await assert.rejects(other.storage.list('data').next(), { code: 'storage-denied' });
    await assert.rejects(other.storage.save(file, bytesBody(bytes)), { code: 'storage-denied' });
    await other.storage[Symbol.asyncDispose]();
    const small = await open({ ...addAccount(server, 'small', 100_000), bucket: 'small' });
    await small.storage.create();
    await assert.rejects(small.storage.save(file, bytesBody(bytes)), { code: 'storage-full', retry: 'permanent' });
    assert.deepEqual(await allNames(small.storage), []);
    await small.storage[Symbol.asyncDispose]();
  });

  test('the difference of the clocks is in the hint', async () => {
    const { proxy, server } = await open();
    const { accessKeyId, secretAccessKey } = server;
    const clock = new ManualClock(BigInt(Date.now()) * 1_000_000n + 3_600_000_000_000n);
    const bucket = S3Options.parse({ endpoint: proxy.endpoint, bucket: 'faults', accessKeyId, secretAccessKey });
    await using storage = new S3Storage({ bucket, prefix: 'clock', clock });
    const body = '<?xml version="1.0"?><Error><Code>RequestTimeTooSkewed</Code><Message>The difference is too large.</Message></Error>';
    proxy.plan = () => ({ kind: 'answer', status: 403, body, headers: { 'content-type': 'application/xml' } });
    await assert.rejects(storage.load(file), (error) => {
      return CodedError.is(error, 'storage-denied') && /3[56]\d\d s ahead of that of the server/.test(error.hint ?? '');
    });
  });
});

function addAccount(server: Radosgw, name: string, quotaBytes?: number): Pick<S3Options, 'accessKeyId' | 'secretAccessKey'> {
  const { accessKeyId, secretAccessKey } = server.addAccount(name, quotaBytes);
  return { accessKeyId, secretAccessKey: new Secret(secretAccessKey) };
}
