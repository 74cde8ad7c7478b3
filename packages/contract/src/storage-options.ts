import { z } from 'zod';
import { AbsolutePath } from './absolute-path.ts';

/** A directory of the machine of Holdfast. */
export const LocalPlace = z.strictObject({ driver: z.literal('local'), path: AbsolutePath });

/** A prefix of a bucket. What each field means and may be is told where it is spoken with (connect/s3): here is only its form. */
export const S3Place = z.strictObject({
  driver: z.literal('s3'),
  endpoint: z
    .string()
    .max(300)
    .regex(/^https?:\/\/[^\s/?#@\\]+$/, 'Give https://, the host and where needed the port, and nothing else.'),
  region: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/, 'A region is a word such as eu-central-1.')
    .default('us-east-1'),
  bucket: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/, 'A bucket has a name of letters, digits, dots and hyphens.'),
  /** Below which the repository lies: words between slashes. */
  prefix: z
    .string()
    .max(700)
    .regex(/^(?:[^/\p{Cc}]+(?:\/[^/\p{Cc}]+)*)?$/u, 'Write words between slashes, without one at the beginning or end.')
    .refine((text) => !text.split('/').some((word) => word === '.' || word === '..'), { error: 'Leave . and .. out.' })
    .default(''),
  addressing: z.enum(['auto', 'path', 'virtual-host']).default('auto'),
  /** The name of the key. The key itself is in `StorageSecrets`. */
  accessKeyId: z.string().regex(/^[\x21-\x7e]{1,255}$/, 'The name of an access key has no spaces.'),
  certificateAuthority: z
    .string()
    .max(256 * 1024)
    .regex(/-----BEGIN CERTIFICATE-----/, 'Give a certificate in PEM form.')
    .nullable()
    .default(null),
  storageClass: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .refine((name) => name !== 'GLACIER' && name !== 'DEEP_ARCHIVE', { error: 'What is in this class cannot be read for hours.' })
    .nullable()
    .default(null),
  connections: z.int().min(1).max(64).default(5),
});

/** Where a storage server keeps its files, by driver. Everybody who may see a storage server sees this. */
export const StorageOptions = z.discriminatedUnion('driver', [LocalPlace, S3Place]);
export type StorageOptions = z.infer<typeof StorageOptions>;

/** What belongs to the options and is shown to nobody. */
export const StorageSecrets = z.strictObject({
  /** S3. */
  secretAccessKey: z
    .string()
    .regex(/^[\x21-\x7e]{1,1000}$/, 'The key is one line without spaces.')
    .optional(),
  sessionToken: z
    .string()
    .regex(/^[\x21-\x7e]{1,10000}$/, 'The token is one line without spaces.')
    .optional(),
});
export type StorageSecrets = z.infer<typeof StorageSecrets>;
