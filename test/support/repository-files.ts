import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';

/** For tests: writes the files of a MemoryStorage where restic expects them. */
export function layOutFiles(files: ReadonlyMap<string, Uint8Array>, directory: string): void {
  for (const folder of ['data', 'keys', 'snapshots', 'index', 'locks']) mkdirSync(join(directory, folder), { recursive: true });
  for (const [key, bytes] of files) {
    const [type = '', name = ''] = key.split('/');
    const path = type === 'config' ? 'config' : type === 'data' ? join('data', name.slice(0, 2), name) : join(folderOf(type), name);
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
  }
}

/** For tests: the files of a repository in a directory, as a MemoryStorage has them. */
export function takeUpFiles(directory: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const folder = relative(directory, path).split('/')[0] ?? '';
    const type = folder === 'data' || folder === 'index' || folder === 'config' ? folder : folder.slice(0, -1);
    files.set(`${type}/${basename(path)}`, readFileSync(path));
  }
  return files;
}

function folderOf(type: string): string {
  return type === 'index' ? 'index' : `${type}s`;
}
