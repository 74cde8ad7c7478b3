import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { S3Options, s3Endpoint, s3Place, usesPathStyle } from './s3-options.ts';

const given = { endpoint: 'https://s3.example.org:9000', bucket: 'backups', accessKeyId: 'KEY', secretAccessKey: 'very-secret' };

test('what is no address, bucket or key is refused, and secrets are hidden', () => {
  for (const bad of [
    { endpoint: 's3.example.org' },
    { endpoint: 'https://s3.example.org/bucket' },
    { endpoint: 'https://user:word@s3.example.org' },
    { endpoint: 'file:///etc' },
    { endpoint: 'https://' },
    { bucket: 'a/b' },
    { bucket: '..' },
    { bucket: '-x-' },
    { accessKeyId: 'two words' },
    { secretAccessKey: 'two\nlines' },
    { storageClass: 'DEEP_ARCHIVE' },
    { connections: 0 },
    { unknown: 1 },
  ]) {
    assert.equal(S3Options.safeParse({ ...given, ...bad }).success, false, inspect(bad));
  }
  const options = S3Options.parse(given);
  assert.ok(!inspect(options).includes('very-secret') && !JSON.stringify(options).includes('very-secret'));
  assert.equal(s3Place(options), 's3:https://s3.example.org:9000/backups');
});

test("Amazon's general address becomes that of the region, and buckets are named there in the host", () => {
  const amazon = S3Options.parse({ ...given, endpoint: 'https://s3.amazonaws.com', region: 'eu-central-1' });
  assert.equal(s3Endpoint(amazon), 'https://s3.eu-central-1.amazonaws.com');
  assert.equal(usesPathStyle(amazon), false);
  assert.equal(usesPathStyle({ ...amazon, bucket: 'with.dot' }), true, 'no certificate fits such a host');
  assert.equal(usesPathStyle({ ...amazon, endpoint: 'https://notamazonaws.com' }), true);
  assert.equal(s3Endpoint(S3Options.parse(given)), given.endpoint);
  assert.equal(usesPathStyle(S3Options.parse(given)), true);
  assert.equal(usesPathStyle(S3Options.parse({ ...given, addressing: 'virtual-host' })), false);
});
