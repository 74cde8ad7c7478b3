import { S3Options } from '@holdfast/connect/s3';
import { z } from 'zod';

export const BucketOptions = S3Options.extend({
  /** Only what is below it, as one says it of directories: `photos/2024`. Any text, for keys are any text. Default: everything. */
  prefix: z
    .string()
    .max(1024)
    .transform((text) => (text === '' || text.endsWith('/') ? text : `${text}/`))
    .default(''),
});
export type BucketOptions = z.output<typeof BucketOptions>;
