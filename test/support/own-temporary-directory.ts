import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** Gives this process, and those that it starts, a temporary directory of their own: what is left in it then is theirs. */
export function useOwnTemporaryDirectory(): void {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-own-'));
  chmodSync(path, 0o1777); // as of any such: servers that run as another user use it, too
  process.env['TMPDIR'] = path;
  after(() => rmSync(path, { recursive: true, force: true }));
}
