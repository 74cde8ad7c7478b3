import { dirname, join } from 'node:path';
import type { FileRef, FileType } from '../port/index.ts';

const directoryNames = { key: 'keys', snapshot: 'snapshots', index: 'index', lock: 'locks', data: 'data' } as const;
const packDirectoryNames: readonly string[] = Array.from({ length: 256 }, (_, first) => first.toString(16).padStart(2, '0'));

/** Where restic's default layout puts what, below a directory: packs one level deeper, by the first two digits of their name. */
export class RepositoryLayout {
  readonly base: string;

  constructor(base: string) {
    this.base = base;
  }

  pathOf(file: FileRef): string {
    return file.type === 'config' ? this.configPath : join(this.directoryOf(file), file.name);
  }

  /** The directory that holds the file. */
  directoryOf(file: FileRef): string {
    if (file.type === 'config') return this.base;
    return file.type === 'data' ? join(this.base, directoryNames.data, file.name.slice(0, 2)) : this.directoryOfType(file.type);
  }

  /** The directories between the repository's own and the file, outermost first. */
  directoriesAbove(file: FileRef): readonly string[] {
    if (file.type === 'config') return [];
    const directory = this.directoryOf(file);
    return file.type === 'data' ? [dirname(directory), directory] : [directory];
  }

  directoryOfType(type: Exclude<FileType, 'config'>): string {
    return join(this.base, directoryNames[type]);
  }

  get configPath(): string {
    return join(this.base, 'config');
  }

  /** All directories of a repository below its own, level by level. */
  get levels(): readonly (readonly string[])[] {
    const first = Object.values(directoryNames).map((name) => join(this.base, name));
    return [first, packDirectoryNames.map((name) => join(this.base, directoryNames.data, name))];
  }
}

/** Whether a directory of this name may hold packs. */
export function isPackDirectoryName(name: string): boolean {
  return /^[0-9a-f]{2}$/.test(name);
}
