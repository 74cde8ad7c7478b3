import { pathBytes } from '@holdfast/engine';

const slash = 0x2f;

/**
 * Chooses exactly these paths and all that is below them, whatever characters they hold (F61): no pattern is involved. For `restore`, which
 * asks for paths as `/path/in/the/snapshot`.
 */
export class ExactPaths {
  readonly #wanted = new Set<string>();
  /** Directories on the way to them. */
  readonly #above = new Set<string>();

  constructor(paths: readonly string[]) {
    for (const path of paths) {
      const names = pathBytes(path)
        .toString('latin1')
        .split('/')
        .filter((name) => name !== '' && name !== '.');
      this.#wanted.add(joined(names));
      for (let depth = 1; depth < names.length; depth++) this.#above.add(joined(names.slice(0, depth)));
    }
  }

  match(path: Uint8Array): { readonly matched: boolean; readonly childMayMatch: boolean } {
    const text = Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString('latin1');
    let matched = this.#wanted.has('');
    for (let at = 1; at <= text.length && !matched; at++) {
      if (at === text.length || text.charCodeAt(at) === slash) matched = this.#wanted.has(text.slice(0, at));
    }
    return { matched, childMayMatch: matched || this.#above.has(text) };
  }
}

function joined(names: readonly string[]): string {
  return names.map((name) => `/${name}`).join('');
}
