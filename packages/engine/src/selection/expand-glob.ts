import { lstatSync, readdirSync } from 'node:fs';
import { GlobComponent } from './glob-component.ts';
import { pathBytes } from './path-text.ts';

const wildcard = /[\\*?[]/;

/**
 * The paths of this machine that a pattern names, as Go's filepath.Glob finds them: component by component, in the order of their bytes, dot
 * files too; what cannot be listed holds no match. A pattern without wildcards is its own match, whether there is such a file or not.
 * `invalid-argument` if it is malformed.
 */
export function expandGlob(pattern: string): Buffer[] {
  if (!wildcard.test(pattern)) return [pathBytes(pattern)];
  const components = pattern.split('/');
  let found = [pattern.startsWith('/') ? '/' : ''];
  for (const component of components) {
    if (component === '') continue;
    const glob = new GlobComponent(component, pattern);
    found = found.flatMap((directory) => {
      const below = (name: string): string => (directory === '' || directory === '/' ? directory + name : `${directory}/${name}`);
      if (!wildcard.test(component)) return [below(pathBytes(component).toString('latin1'))].filter(exists);
      return namesIn(directory === '' ? '.' : directory)
        .filter((name) => glob.matches(name))
        .map(below);
    });
  }
  return found.map((path) => Buffer.from(path, 'latin1'));
}

function exists(path: string): boolean {
  return lstatSync(Buffer.from(path, 'latin1'), { throwIfNoEntry: false }) !== undefined;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(Buffer.from(directory, 'latin1'), { encoding: 'latin1' }).sort();
  } catch {
    return []; // as filepath.Glob: a directory that cannot be read has no matches
  }
}
