import { after, describe } from 'node:test';
import { S3Bucket, S3Options } from '@holdfast/connect/s3';
import { startRadosgw, whyNoRadosgw } from '../../../../test/services/radosgw.ts';
import type { S3Server } from '../../../../test/services/s3-server.ts';
import { startSwift, whyNoSwift } from '../../../../test/services/swift.ts';
import { storageConformance } from '../conformance/storage-conformance.ts';
import { S3Storage } from './s3-storage.ts';
import { storageCodes } from './storage-codes.ts';

const kinds = [
  { name: 'radosgw', why: whyNoRadosgw, start: startRadosgw },
  { name: 'Swift', why: whyNoSwift, start: startSwift },
] as const;

for (const { name, why, start } of kinds) {
  const reason = why();
  void describe(`a bucket of ${name}`, { skip: reason ?? false }, () => {
    let started: Promise<S3Server> | undefined;
    let places = 0;
    after(async () => {
      await (await started)?.[Symbol.asyncDispose]();
    });
    storageConformance(name, async () => {
      started ??= start();
      const { endpoint, region, accessKeyId, secretAccessKey } = await started;
      const bucket = S3Options.parse({ endpoint, region, bucket: 'conformance', accessKeyId, secretAccessKey, connections: 16 });
      const prefix = `a place/${++places}`;
      const open = (): S3Storage => new S3Storage({ bucket, prefix });
      return {
        storage: open(),
        reopen: async () => open(),
        cleanup: async () => {
          await using left = new S3Bucket(bucket, { codes: storageCodes });
          for await (const { key } of left.list(`${prefix}/`)) await left.remove(key);
        },
      };
    });
  });
}
