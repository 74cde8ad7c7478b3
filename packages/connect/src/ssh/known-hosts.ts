import { createHmac } from 'node:crypto';
import type { HostPort } from '../port.ts';
import { type HostKey, isHostKey } from './host-key.ts';

/**
 * The keys that the lines of a file `known_hosts` know for that address, hashed names and patterns included. A key that a line `@revoked` names
 * is left out, and so are authorities (`@cert-authority`), which are not keys of a host. Lines that make no sense are passed over, as ssh does.
 */
export function hostKeysFromKnownHosts(text: string, { host, port }: HostPort): readonly HostKey[] {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  const found = new Map<string, HostKey>();
  const revoked = new Set<string>();
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') === true ? words.shift() : undefined;
    const [names, algorithm, key] = words;
    if (names === undefined || names.startsWith('#') || algorithm === undefined || key === undefined) continue;
    if (!isHostKey(algorithm, key) || !matches(names, name)) continue;
    if (marker === '@revoked') revoked.add(key);
    else if (marker === undefined) found.set(key, { algorithm, key });
  }
  return Array.from(found.values()).filter(({ key }) => !revoked.has(key));
}

function matches(names: string, name: string): boolean {
  if (names.startsWith('|')) return matchesHash(names, name);
  const patterns = names.split(',');
  const fits = (pattern: string): boolean => patternOf(pattern).test(name);
  if (patterns.some((pattern) => pattern.startsWith('!') && fits(pattern.slice(1)))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && fits(pattern));
}

/** `|1|salt|hash`: HMAC-SHA1 of the name, both in base64. */
function matchesHash(hashed: string, name: string): boolean {
  const [, version, salt, hash] = hashed.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/** `*` and `?` are the only characters with a meaning; brackets belong to the name. Runs of stars are one, so that matching stays fast. */
function patternOf(pattern: string): RegExp {
  const source = pattern
    .toLowerCase()
    .replaceAll(/\*+/g, '*')
    .replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}
