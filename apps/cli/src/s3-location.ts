import { readFileSync } from 'node:fs';
import { S3Options } from '@holdfast/connect/s3';
import { awsCredentials } from './aws-credentials.ts';
import { environment } from './environment.ts';
import { usageError } from './run-context.ts';

export interface S3Location {
  readonly bucket: S3Options;
  readonly prefix: string;
}

/** What restic understands: `s3:https://host/bucket/prefix`, `s3:host/bucket`, `s3://host/bucket`. Keys come from where restic looks for them. */
export function s3Location(location: string): S3Location {
  const [, scheme = 'https', host, bucket, prefix = ''] = /^s3:(?:(https?):)?(?:\/\/)?([^/]+)\/([^/]+)(?:\/(.*))?$/.exec(location) ?? [];
  if (host === undefined || bucket === undefined) {
    throw usageError(`${JSON.stringify(location)} names no bucket`, 'Write s3:https://HOST/BUCKET/PREFIX.');
  }
  const certificateFile = environment('CACERT');
  const region = process.env['AWS_REGION'] || process.env['AWS_DEFAULT_REGION'];
  const given = S3Options.safeParse({
    endpoint: `${scheme}://${host}`,
    bucket,
    ...(region === undefined || region === '' ? {} : { region }),
    ...(certificateFile === undefined ? {} : { certificateAuthority: readFileSync(certificateFile, 'utf8') }),
    ...awsCredentials(),
  });
  if (given.success) return { bucket: given.data, prefix: prefix.split('/').filter(isWord).join('/') };
  const [issue] = given.error.issues;
  throw usageError(`The place of the repository cannot be used (${issue?.path.join('.') ?? ''})`, issue?.message ?? '');
}

function isWord(word: string): boolean {
  return word !== '' && word !== '.' && word !== '..';
}
