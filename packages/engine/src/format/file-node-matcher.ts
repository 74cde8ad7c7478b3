import type { FileStat } from '../posix/file-stat.ts';
import { goJsonString } from './go-json-string.ts';
import { goModeFromUnix } from './go-mode.ts';
import type { LocalTimeFormatter } from './go-time.ts';
import { matchDecimal, matchText } from './match-bytes.ts';

/** The names of a machine's accounts. */
interface Accounts {
  userName(uid: number): string | undefined;
  groupName(gid: number): string | undefined;
}

/**
 * Recognises a file in an encoded tree by its metadata, byte for byte as `metadataTemplate` and `completeFile` would write them, without
 * writing them: most files of most backups are what they were. It may say no to what is the same (a name that is written with escapes, a
 * huge inode number), never yes to what is not. One for each thread.
 */
export class FileNodeMatcher {
  readonly #times: LocalTimeFormatter;
  readonly #accounts: Accounts;
  readonly #withAtime: boolean;
  readonly #modes = new Map<number, string>();
  readonly #owners = new Map<number, Map<number, string>>();
  #device = -1n;
  #deviceText = '';

  constructor(times: LocalTimeFormatter, accounts: Accounts, withAtime: boolean) {
    this.#times = times;
    this.#accounts = accounts;
    this.#withAtime = withAtime;
  }

  /** Where the list of the content's IDs begins behind the bracket, if the node at `at` is that of this file, else -1. `name`: a byte a character. */
  match(tree: Uint8Array, start: number, name: string, stat: FileStat): number {
    let at = matchText(tree, start, '{"name":"');
    at = matchPlainName(tree, at, name);
    at = matchText(tree, at, this.#modeText(stat.mode));
    at = this.#times.match(tree, at, stat.mtimeSeconds, stat.mtimeNanos);
    at = matchText(tree, at, '","atime":"');
    if (this.#withAtime) at = this.#times.match(tree, at, stat.atimeSeconds, stat.atimeNanos);
    else at = this.#times.match(tree, at, stat.mtimeSeconds, stat.mtimeNanos);
    at = matchText(tree, at, '","ctime":"');
    at = this.#times.match(tree, at, stat.ctimeSeconds, stat.ctimeNanos);
    at = matchText(tree, at, this.#ownerText(stat.uid, stat.gid));
    at = matchField(tree, at, ',"inode":', Number(stat.inode));
    at = matchText(tree, at, this.#deviceIdText(stat.deviceId));
    at = matchField(tree, at, ',"size":', stat.sizeBytes);
    at = matchField(tree, at, ',"links":', stat.links);
    return matchText(tree, at, ',"content":[');
  }

  #modeText(unixMode: number): string {
    let text = this.#modes.get(unixMode);
    if (text === undefined) {
      const mode = goModeFromUnix(unixMode);
      text = `","type":"file"${mode === 0 ? '' : `,"mode":${mode}`},"mtime":"`;
      this.#modes.set(unixMode, text);
    }
    return text;
  }

  #ownerText(uid: number, gid: number): string {
    let ofUser = this.#owners.get(uid);
    if (ofUser === undefined) {
      ofUser = new Map();
      this.#owners.set(uid, ofUser);
    }
    let text = ofUser.get(gid);
    if (text === undefined) {
      const user = this.#accounts.userName(uid) ?? '';
      const group = this.#accounts.groupName(gid) ?? '';
      text = `","uid":${uid},"gid":${gid}`;
      if (user !== '') text += `,"user":${goJsonString(user)}`;
      if (group !== '') text += `,"group":${goJsonString(group)}`;
      ofUser.set(gid, text);
    }
    return text;
  }

  #deviceIdText(deviceId: bigint): string {
    if (deviceId !== this.#device) {
      this.#device = deviceId;
      this.#deviceText = deviceId === 0n ? '' : `,"device_id":${deviceId}`;
    }
    return this.#deviceText;
  }
}

/** A field that is left out when it is 0. */
function matchField(bytes: Uint8Array, at: number, label: string, value: number): number {
  return value === 0 ? at : matchDecimal(bytes, matchText(bytes, at, label), value);
}

/** A name in which nothing is escaped: printable ASCII without `"`, `&`, `<`, `>` and the backslash. */
function matchPlainName(bytes: Uint8Array, at: number, name: string): number {
  if (at < 0) return -1;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (bytes[at + i] !== code || code < 0x20 || code > 0x7e) return -1;
    if (code === 0x22 || code === 0x26 || code === 0x3c || code === 0x3e || code === 0x5c) return -1;
  }
  return at + name.length;
}
