import { Secret } from '@holdfast/kernel';
import { z } from 'zod';

const SecretText = z
  .union([z.instanceof(Secret), z.string().transform((text) => new Secret(text))])
  .refine((secret) => /^[\x21-\x7e]+$/.test(secret.reveal()), 'It is one line without spaces.');

/** Classes whose objects have to be brought back for hours before they can be read: nothing that a repository could work with. */
const unreadableClasses: readonly string[] = ['GLACIER', 'DEEP_ARCHIVE'];

/** All that it takes to speak with one bucket of an S3 service. */
export const S3Options = z.strictObject({
  /** Without bucket and path: `https://s3.eu-central-1.amazonaws.com`, `http://127.0.0.1:9000`. */
  endpoint: z
    .string()
    .max(300)
    .regex(/^https?:\/\/[^\s/?#@\\]+$/, 'Give https://, the host and where needed the port, and nothing else.')
    .refine((text) => URL.canParse(text), 'That is no address.'),
  region: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'A region is a word such as eu-central-1.')
    .default('us-east-1'),
  bucket: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/, 'A bucket has a name of letters, digits, dots and hyphens.'),
  /** How the bucket is named to the server: in the path or in the name of the host. Default: as Amazon wants it there, in the path elsewhere. */
  addressing: z.enum(['auto', 'path', 'virtual-host']).default('auto'),
  accessKeyId: z.string().regex(/^[\x21-\x7e]{1,255}$/, 'The name of an access key has no spaces.'),
  secretAccessKey: SecretText,
  /** Of credentials that end after a while. */
  sessionToken: SecretText.optional(),
  /** The certificates of the authority that signed the server's own, as PEM, where the system does not know it. */
  certificateAuthority: z
    .string()
    .max(256 * 1024)
    .regex(/-----BEGIN CERTIFICATE-----/, 'Give a certificate in PEM form.')
    .optional(),
  /** Of what is stored. Default: that of the bucket. */
  storageClass: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .refine((name) => !unreadableClasses.includes(name), 'What is in this class cannot be read for hours. GLACIER_IR can.')
    .optional(),
  /** How many requests may be under way at once. */
  connections: z.int().min(1).max(64).default(5),
  connectTimeoutMs: z.int().min(100).max(600_000).default(20_000),
  /** For how long a connection may stand still. */
  idleTimeoutMs: z.int().min(100).max(3_600_000).default(60_000),
});
export type S3Options = z.output<typeof S3Options>;

/** Where the bucket is, as restic writes it: `s3:https://host/bucket`. */
export function s3Place({ endpoint, bucket }: Pick<S3Options, 'endpoint' | 'bucket'>): string {
  return `s3:${endpoint}/${bucket}`;
}

const amazon = /(?:^|\.)amazonaws\.com(?:\.cn)?$/;

/** The address to be spoken with: Amazon's general one knows buckets of one region only. */
export function s3Endpoint({ endpoint, region }: Pick<S3Options, 'endpoint' | 'region'>): string {
  const { hostname, protocol } = new URL(endpoint);
  return hostname === 's3.amazonaws.com' ? `${protocol}//s3.${region}.amazonaws.com` : endpoint;
}

/** Whether the bucket is named in the path. One with a dot has no certificate under the name of a host. */
export function usesPathStyle({ endpoint, bucket, addressing }: Pick<S3Options, 'endpoint' | 'bucket' | 'addressing'>): boolean {
  if (addressing !== 'auto') return addressing === 'path';
  return !amazon.test(new URL(endpoint).hostname) || bucket.includes('.');
}
