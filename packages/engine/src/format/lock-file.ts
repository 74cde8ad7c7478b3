import { z } from 'zod';
import { goJsonString } from './go-json-string.ts';
import { LocalTimeFormatter, parseTime } from './go-time.ts';
import { parseJson } from './parse-json.ts';

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

const form = z.object({
  time: z.string(),
  exclusive: z.boolean(),
  hostname: z.string().default(''),
  username: z.string().default(''),
  pid: z.number().int().default(0),
  uid: z.number().int().default(0),
  gid: z.number().int().default(0),
  holdfast: z.object({ boot: z.string(), pidNamespace: z.string(), pidStart: z.string() }).optional(),
});

export function encodeLock(lock: LockFile): Uint8Array {
  const time = new LocalTimeFormatter(Temporal.Now.timeZoneId()).format(lock.timeNs);
  const who = `"hostname":${goJsonString(lock.hostname)},"username":${goJsonString(lock.username)},"pid":${lock.pid}`;
  const uid = lock.uid === 0 ? '' : `,"uid":${lock.uid}`;
  const gid = lock.gid === 0 ? '' : `,"gid":${lock.gid}`;
  const own = lock.process === undefined ? '' : `,"holdfast":${JSON.stringify(lock.process)}`;
  return Buffer.from(`{"time":"${time}","exclusive":${lock.exclusive},${who}${uid}${gid}${own}}`);
}

export function decodeLock(bytes: Uint8Array): LockFile {
  const { time, holdfast, ...rest } = parseJson(bytes, form, 'lock file');
  return { timeNs: parseTime(time), process: holdfast, ...rest };
}
