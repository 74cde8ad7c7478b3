import { type CString, cString, mustBeCString } from './c-string.ts';
import { declare, isDarwin, orErrno } from './libc.ts';
import { checked, systemError } from './system-error.ts';

/** An extended attribute with its whole name (`user.comment`), as raw bytes. On Linux, ACLs are among them. */
export interface ExtendedAttribute {
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

/** A path, whose last component is not followed if it is a symbolic link, or an open file. */
export type AttributeOwner = Buffer | number;

/** `list` and `get` tell the length needed when asked with no room. */
interface AttributeCalls<Owner> {
  list(owner: Owner, out: Uint8Array | null, roomBytes: number): number;
  get(owner: Owner, name: CString, out: Uint8Array | null, roomBytes: number): number;
  set(owner: Owner, name: CString, value: Uint8Array, lengthBytes: number): number;
  remove(owner: Owner, name: CString): number;
}

const byPath = declareCalls<CString>('l', 'const uint8_t* path', 1);
const byDescriptor = declareCalls<number>('f', 'int fd', 0);
const none: readonly ExtendedAttribute[] = [];
/** The file system has no attributes, or the attribute went away meanwhile. Nothing to report, as restic has it. */
const harmlessCodes = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENODATA', 'ENOATTR']);
/** How often a list or value that grows while it is read is asked for again. */
const attempts = 8;

/** All attributes, in the file system's order. Fast where there are none. Throws system errors. */
export function listExtendedAttributes(owner: AttributeOwner): readonly ExtendedAttribute[] {
  const names = listAttributeNames(owner);
  if (names.length === 0) return none;
  const attributes: ExtendedAttribute[] = [];
  for (const name of names) {
    const value = readGrowing((out, room) => attributeValue(owner, name, out, room), 'getxattr');
    if (value !== undefined) attributes.push({ name: name.subarray(0, -1), value });
  }
  return attributes;
}

/** Whether the entry of that path has attributes at all: one call, nothing allocated. False where that cannot be told; reading them tells why. */
export function mayHaveExtendedAttributes(path: CString): boolean {
  return byPath.list(path, null, 0) !== 0;
}

/** The names of all attributes. */
export function listAttributeNames(owner: AttributeOwner): readonly CString[] {
  const list = readGrowing((out, room) => attributeList(owner, out, room), 'listxattr');
  const names: CString[] = [];
  if (list === undefined) return names;
  let start = 0;
  for (let end = list.indexOf(0); end >= 0; end = list.indexOf(0, start)) {
    names.push(list.subarray(start, end + 1));
    start = end + 1;
  }
  return names;
}

/** Sets an attribute. Where the file system has none, nothing happens. Throws system errors. */
export function setExtendedAttribute(owner: AttributeOwner, name: CString, value: Uint8Array): void {
  mustBeCString(name);
  const lengthBytes = value.byteLength;
  const data = lengthBytes === 0 ? new Uint8Array(1) : value; // there must be an address even for no bytes
  const result =
    typeof owner === 'number' ? byDescriptor.set(owner, name, data, lengthBytes) : byPath.set(cString(owner), name, data, lengthBytes);
  ignoringHarmless(orErrno(result), 'setxattr');
}

/** Removes an attribute, if it is there. Throws system errors. */
export function removeExtendedAttribute(owner: AttributeOwner, name: CString): void {
  mustBeCString(name);
  const result = typeof owner === 'number' ? byDescriptor.remove(owner, name) : byPath.remove(cString(owner), name);
  ignoringHarmless(orErrno(result), 'removexattr');
}

function attributeList(owner: AttributeOwner, out: Uint8Array | null, room: number): number {
  return orErrno(typeof owner === 'number' ? byDescriptor.list(owner, out, room) : byPath.list(cString(owner), out, room));
}

function attributeValue(owner: AttributeOwner, name: CString, out: Uint8Array | null, room: number): number {
  return orErrno(typeof owner === 'number' ? byDescriptor.get(owner, name, out, room) : byPath.get(cString(owner), name, out, room));
}

/** Asks for the length, then for the bytes; undefined where there is nothing. */
function readGrowing(read: (out: Uint8Array | null, room: number) => number, syscall: string): Uint8Array | undefined {
  for (let attempt = 1; ; attempt++) {
    const length = ignoringHarmless(read(null, 0), syscall);
    if (length === undefined) return undefined;
    if (length === 0) return new Uint8Array(0);
    const out = new Uint8Array(length);
    const got = read(out, length);
    if (got >= 0) return out.subarray(0, got);
    const error = systemError(got, syscall);
    if (harmlessCodes.has(error.code)) return undefined;
    if (error.code !== 'ERANGE' || attempt === attempts) throw error;
  }
}

function ignoringHarmless(result: number, syscall: string): number | undefined {
  if (result >= 0) return result;
  return harmlessCodes.has(systemError(result, syscall).code) ? undefined : checked(result, syscall);
}

/** macOS has one function for both kinds of path, told apart by a flag, and a position for resource forks. */
function declareCalls<Owner>(prefix: 'l' | 'f', ownerType: string, noFollow: 0 | 1): AttributeCalls<Owner> {
  const out = '_Out_ uint8_t*';
  if (!isDarwin) {
    return {
      list: declare(`int64_t ${prefix}listxattr(${ownerType}, ${out} list, size_t size)`),
      get: declare(`int64_t ${prefix}getxattr(${ownerType}, const uint8_t* name, ${out} value, size_t size)`),
      set: withTail(declare(`int ${prefix}setxattr(${ownerType}, const uint8_t* name, const uint8_t* value, size_t size, int flags)`), 0),
      remove: declare(`int ${prefix}removexattr(${ownerType}, const uint8_t* name)`),
    };
  }
  const name = prefix === 'f' ? 'f' : '';
  return {
    list: withTail(declare(`int64_t ${name}listxattr(${ownerType}, ${out} list, size_t size, int options)`), noFollow),
    get: withTail(
      declare(`int64_t ${name}getxattr(${ownerType}, const uint8_t* name, ${out} value, size_t size, uint32_t position, int options)`),
      0,
      noFollow,
    ),
    set: withTail(
      declare(`int ${name}setxattr(${ownerType}, const uint8_t* name, const uint8_t* value, size_t size, uint32_t position, int options)`),
      0,
      noFollow,
    ),
    remove: withTail(declare(`int ${name}removexattr(${ownerType}, const uint8_t* name, int options)`), noFollow),
  };
}

function withTail<Arguments extends readonly unknown[]>(
  call: (...values: never[]) => number,
  ...tail: readonly number[]
): (...values: Arguments) => number {
  const variadic = call as (...values: readonly unknown[]) => number;
  return (...values) => variadic(...values, ...tail);
}
