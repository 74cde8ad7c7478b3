import { readdirSync } from 'node:fs';
import { isDarwin } from './libc.ts';

const slash = Buffer.from('/');

/** A path that leads to an open directory, or to the entry of that name (no NUL) in it, however deep the directory lies. */
export function descriptorPath(directory: number, name?: Uint8Array): Buffer {
  const path = Buffer.from(`${isDarwin ? '/dev/fd/' : '/proc/self/fd/'}${directory}`);
  return name === undefined ? path : Buffer.concat([path, slash, name]);
}

/** The names in an open directory, in no order. */
export function listNames(directory: number): Buffer[] {
  return readdirSync(descriptorPath(directory), { encoding: 'buffer' });
}
