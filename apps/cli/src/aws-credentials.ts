import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@holdfast/kernel';
import { usageError } from './run-context.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret;
}

/**
 * The keys to a bucket: from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_SECRET_ACCESS_KEY_FILE, a file that holds it), else from the
 * file of credentials that Amazon's own tools use, in the section that AWS_PROFILE names.
 */
export function awsCredentials(): AwsCredentials {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: key, AWS_SECRET_ACCESS_KEY_FILE: file, AWS_SESSION_TOKEN: token } = process.env;
  const secret = given(key) ?? (given(file) === undefined ? undefined : readFileSync(String(file), 'utf8').trim());
  if (given(id) !== undefined && secret !== undefined) return credentials(String(id), secret, given(token));
  const profile = given(process.env['AWS_PROFILE']) ?? 'default';
  const path = given(process.env['AWS_SHARED_CREDENTIALS_FILE']) ?? join(homedir(), '.aws', 'credentials');
  const found = section(path, profile);
  const [fileId, fileKey] = [found?.get('aws_access_key_id'), found?.get('aws_secret_access_key')];
  if (fileId !== undefined && fileKey !== undefined) return credentials(fileId, fileKey, found?.get('aws_session_token'));
  throw usageError(
    'There are no keys for the bucket',
    `Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write them into the section [${profile}] of ${path}.`,
  );
}

function credentials(accessKeyId: string, secret: string, token: string | undefined): AwsCredentials {
  const secretAccessKey = new Secret(secret);
  return token === undefined ? { accessKeyId, secretAccessKey } : { accessKeyId, secretAccessKey, sessionToken: new Secret(token) };
}

function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** The lines `name = value` below `[wanted]`; undefined where there is no such file. */
function section(path: string, wanted: string): ReadonlyMap<string, string> | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const values = new Map<string, string>();
  let name = '';
  for (const line of text.split(/\r?\n/)) {
    const title = /^\s*\[\s*(.*?)\s*\]\s*$/.exec(line)?.[1];
    if (title !== undefined) name = title;
    const [, key, value] = /^\s*([a-z_]+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === wanted && key !== undefined && value !== undefined) values.set(key, value);
  }
  return values;
}
