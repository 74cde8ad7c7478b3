import type { CString } from '../../posix/c-string.ts';
import { descriptorPath } from '../../posix/descriptor-path.ts';
import { changeModeAt, changeOwnerAt, setTimesAt } from '../../posix/directory-calls.ts';
import { type AttributeOwner, listAttributeNames, removeExtendedAttribute, setExtendedAttribute } from '../../posix/extended-attributes.ts';
import { changeMode, changeOwner, setTimes } from '../../posix/file-calls.ts';
import { checked, errnoName } from '../../posix/system-error.ts';
import type { PlannedEntry } from './entry-record.ts';

interface Calls {
  readonly owner: (uid: number, gid: number) => number;
  readonly times: () => number;
  readonly mode: (mode: number) => number;
  readonly attributes: AttributeOwner;
}

const notPermitted = new Set(['EPERM', 'EACCES']);
const withoutSetId = 0o1777;
const securityNamespace = Buffer.from('security.');

/** Restores owner, attributes, times and mode, in restic's order: a change of owner clears bits of the mode and capabilities. */
export class MetadataRestorer {
  readonly #isRoot: boolean;
  readonly #selectsAttribute: (name: Uint8Array) => boolean;

  constructor(isRoot: boolean, selectsAttribute: (name: Uint8Array) => boolean) {
    this.#isRoot = isRoot;
    this.#selectsAttribute = selectsAttribute;
  }

  /** On an open file or directory. Does all it can and returns the first failure. */
  onFile(fd: number, entry: PlannedEntry, withTimes: boolean): unknown {
    return this.#restore(entry, withTimes, {
      owner: (uid, gid) => changeOwner(fd, uid, gid),
      times: () => setTimes(fd, entry.times),
      mode: (mode) => changeMode(fd, mode),
      attributes: fd,
    });
  }

  /** On an entry of an open directory that cannot be opened itself. */
  onName(directory: number, entry: PlannedEntry): unknown {
    return this.#restore(entry, true, {
      owner: (uid, gid) => changeOwnerAt(directory, entry.name, uid, gid),
      times: () => setTimesAt(directory, entry.name, entry.times),
      mode: (mode) => (entry.kind === 'symlink' ? 0 : changeModeAt(directory, entry.name, mode)),
      attributes: descriptorPath(directory, entry.name.subarray(0, -1)),
    });
  }

  #restore(entry: PlannedEntry, withTimes: boolean, calls: Calls): unknown {
    let failure: unknown;
    const attempt = (work: () => void): boolean => {
      try {
        work();
        return true;
      } catch (error) {
        // Who is not root may not give files away and the like; restic passes over that in silence too.
        if (this.#isRoot || !notPermitted.has(errnoName(error) ?? '')) failure ??= error;
        return false;
      }
    };
    const isOwned = attempt(() => void checked(calls.owner(entry.uid, entry.gid), 'chown'));
    attempt(() => this.#restoreAttributes(entry, calls.attributes));
    if (withTimes) attempt(() => void checked(calls.times(), 'utimensat'));
    // A program that was to run as someone else must not run as whoever restores it.
    const mode = isOwned ? entry.mode : entry.mode & withoutSetId;
    attempt(() => {
      try {
        checked(calls.mode(mode), 'chmod');
      } catch (error) {
        if (errnoName(error) !== 'ENOTSUP' && errnoName(error) !== 'EOPNOTSUPP') throw error;
      }
    });
    return failure;
  }

  #restoreAttributes(entry: PlannedEntry, owner: AttributeOwner): void {
    for (const { name, value } of entry.attributes) setExtendedAttribute(owner, name, value);
    for (const name of listAttributeNames(owner)) {
      if (entry.attributes.some((wanted) => Buffer.compare(wanted.name, name) === 0) || !this.#selectsAttribute(name.subarray(0, -1)))
        continue;
      removeUnexpected(owner, name);
    }
  }
}

/** The kernel's own labels cannot be removed on some systems, and every new file has one there. */
function removeUnexpected(owner: AttributeOwner, name: CString): void {
  try {
    removeExtendedAttribute(owner, name);
  } catch (error) {
    const isLabel = Buffer.compare(name.subarray(0, securityNamespace.byteLength), securityNamespace) === 0;
    if (!isLabel || !notPermitted.has(errnoName(error) ?? '')) throw error;
  }
}
