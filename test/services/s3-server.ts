import { randomBytes } from 'node:crypto';
import type { GuardedServer } from './guarded-server.ts';

export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A server that speaks S3, with one account. */
export interface S3Server extends GuardedServer, S3Keys {
  readonly endpoint: string;
  readonly region: string;
}

export function newS3Keys(): S3Keys {
  return { accessKeyId: randomBytes(10).toString('hex').toUpperCase(), secretAccessKey: randomBytes(20).toString('hex') };
}
