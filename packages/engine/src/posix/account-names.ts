import koffi from 'koffi';
import { declareWith } from './libc.ts';

interface Account {
  readonly name: string | null;
  readonly id: number;
}

type LookUpArguments<Key> = [key: Key, entry: Partial<Account>, buffer: Uint8Array, sizeBytes: number, result: unknown[]];
type LookUp<Key> = (...values: LookUpArguments<Key>) => number;

/*
 * `struct passwd` and `struct group` begin alike on Linux and macOS with name, password and ID. The reentrant calls are used because
 * several threads may ask at once.
 */
const account = koffi.struct({ name: 'const char*', password: 'void*', id: 'uint32_t', rest: koffi.array('uint8_t', 84) });
const outAccount = koffi.out(koffi.pointer(account));
const outResult = koffi.out(koffi.pointer('void*', 2));
const calls = {
  userById: declareLookUp<number>('getpwuid_r', 'uint32_t'),
  userByName: declareLookUp<string>('getpwnam_r', 'const char*'),
  groupById: declareLookUp<number>('getgrgid_r', 'uint32_t'),
  groupByName: declareLookUp<string>('getgrnam_r', 'const char*'),
};
/** A group entry lists its members, who may be thousands. */
const roomBytes = [4096, 1 << 20];

/** The machine's users and groups, each looked up once. */
export class AccountNames {
  readonly #userNames = new Map<number, string | undefined>();
  readonly #groupNames = new Map<number, string | undefined>();
  readonly #userIds = new Map<string, number | undefined>();
  readonly #groupIds = new Map<string, number | undefined>();

  userName(uid: number): string | undefined {
    return remembered(this.#userNames, uid, () => lookUp(calls.userById, uid)?.name ?? undefined);
  }

  groupName(gid: number): string | undefined {
    return remembered(this.#groupNames, gid, () => lookUp(calls.groupById, gid)?.name ?? undefined);
  }

  userId(name: string): number | undefined {
    return remembered(this.#userIds, name, () => lookUp(calls.userByName, name)?.id);
  }

  groupId(name: string): number | undefined {
    return remembered(this.#groupIds, name, () => lookUp(calls.groupByName, name)?.id);
  }
}

function declareLookUp<Key>(name: string, keyType: string): LookUp<Key> {
  return declareWith<LookUpArguments<Key>>(name, [keyType, outAccount, 'uint8_t*', 'size_t', outResult]);
}

/** Whatever goes wrong, the account has no name: restic treats it so, and a snapshot holds the number besides. */
function lookUp<Key>(call: LookUp<Key>, key: Key): Account | undefined {
  for (const sizeBytes of roomBytes) {
    const entry: Partial<Account> = {};
    const result: unknown[] = [null];
    if (call(key, entry, new Uint8Array(sizeBytes), sizeBytes, result) === 0) return result[0] === null ? undefined : (entry as Account);
  }
  return undefined;
}

function remembered<Key, Value>(known: Map<Key, Value>, key: Key, find: () => Value): Value {
  if (!known.has(key)) known.set(key, find());
  return known.get(key) as Value;
}
