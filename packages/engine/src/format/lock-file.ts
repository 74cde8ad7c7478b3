import { goJsonString } from './go-json-string.ts';
import { LocalTimeFormatter, parseTime } from './go-time.ts';
import { JsonFields } from './json-fields.ts';

/** Which process wrote a lock, beyond host name and process ID; an extra field that restic passes over. */
export interface LockProcess {
  readonly boot: string;
  readonly pidNamespace: string;
  readonly pidStart: string;
}

export interface LockFile {
  /** When it was written or refreshed. */
  readonly timeNs: bigint;
  readonly exclusive: boolean;
  readonly hostname: string;
  readonly username: string;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  /** Only in Holdfast's own locks. */
  readonly process: LockProcess | undefined;
}

export function encodeLock(lock: LockFile): Uint8Array {
  const time = new LocalTimeFormatter(Temporal.Now.timeZoneId()).format(lock.timeNs);
  const who = `"hostname":${goJsonString(lock.hostname)},"username":${goJsonString(lock.username)},"pid":${lock.pid}`;
  const uid = lock.uid === 0 ? '' : `,"uid":${lock.uid}`;
  const gid = lock.gid === 0 ? '' : `,"gid":${lock.gid}`;
  const own = lock.process === undefined ? '' : `,"holdfast":${JSON.stringify(lock.process)}`;
  return Buffer.from(`{"time":"${time}","exclusive":${lock.exclusive},${who}${uid}${gid}${own}}`);
}

export function decodeLock(bytes: Uint8Array): LockFile {
  const fields = JsonFields.parse(bytes, 'lock file');
  const process = fields.optionalObject('holdfast');
  return {
    timeNs: parseTime(fields.string('time')),
    exclusive: fields.boolean('exclusive'),
    hostname: fields.string('hostname', ''),
    username: fields.string('username', ''),
    pid: fields.integer('pid', 0),
    uid: fields.integer('uid', 0),
    gid: fields.integer('gid', 0),
    process: process && {
      boot: process.string('boot'),
      pidNamespace: process.string('pidNamespace'),
      pidStart: process.string('pidStart'),
    },
  };
}
