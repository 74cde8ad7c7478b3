import type { FileProblem } from './listed-entry.ts';

/** What a far tool wrote to its error stream, line by line. Bounded: a tool may complain about every file of a disk. */
export interface Complaints {
  readonly lines: readonly Buffer[];
  /** Lines that were not kept. */
  readonly dropped: number;
}

const lineLimit = 20_000;
const lineLimitBytes = 8192;

/** Reads an error stream to its end. */
export async function collectComplaints(stream: AsyncIterable<Uint8Array>): Promise<Complaints> {
  const lines: Buffer[] = [];
  let dropped = 0;
  let held = Buffer.alloc(0);
  const take = (line: Buffer): void => {
    if (line.byteLength === 0) return;
    if (lines.length < lineLimit) lines.push(Buffer.from(line.subarray(0, lineLimitBytes)));
    else dropped += 1;
  };
  for await (const bytes of stream) {
    const data = Buffer.concat([held, bytes]);
    let at = 0;
    for (let end = data.indexOf(0x0a, at); end >= 0; end = data.indexOf(0x0a, at)) {
      take(data.subarray(at, end));
      at = end + 1;
    }
    // A line without an end is cut: what it says is said at its beginning and known by its tool.
    held = Buffer.from(data.subarray(at, at + lineLimitBytes));
  }
  take(held);
  return { lines, dropped };
}

/** The last lines as one, for the message of an error. */
export function lastComplaints({ lines }: Complaints): string {
  return lines
    .slice(-3)
    .map((line) => line.toString().trim())
    .join(' | ')
    .slice(-1000);
}

/** Lines in which a tool only sums up. */
const summaries =
  /Exiting with failure status|error exit delayed|emoving leading|file is the archive; not dumped|File system loop detected is not an error/;
/** `find: 'NAME': REASON`, as GNU find quotes names in the locale C. */
const findForm = /^find: '((?:[^'\\]|\\[\s\S])*)': (.+)$/;
/** `tar: NAME: Warning: Cannot open: REASON`; in names GNU tar escapes colons, backslashes and whatever cannot be printed. */
const tarForm = /^tar: ((?:[^:\\]|\\[\s\S])*): (.+)$/;
/** `stat: can't stat 'NAME': REASON`, as BusyBox writes names, without escapes. */
const busyBoxQuoted = /^(?:busybox|find|stat|tar|cat): can't [a-z]+ '([\s\S]*)': (.+)$/;
const busyBoxPlain = /^(?:busybox|find|stat|tar|cat): ([\s\S]*): ([A-Za-z][^:]*)$/;

/**
 * What a line says about a file; undefined for a line that is about none. `resolve` makes a path of the name that the tool wrote; `fallback`
 * is the path where it makes none.
 */
export function problemIn(
  line: Buffer,
  fallback: Uint8Array,
  resolve: (name: Buffer) => Uint8Array | undefined = absolute,
): FileProblem | undefined {
  const text = line.toString('latin1').trimEnd();
  if (!/^(?:busybox|find|stat|tar|cat): /.test(text) || summaries.test(text)) return undefined;
  const gnu = findForm.exec(text) ?? (/^tar: can't /.test(text) ? null : tarForm.exec(text));
  const match = gnu ?? busyBoxQuoted.exec(text) ?? busyBoxPlain.exec(text);
  const [, name, reason] = match ?? [];
  if (name === undefined || reason === undefined) {
    return { path: fallback, kind: 'unreadable', reason: Buffer.from(text, 'latin1').toString() };
  }
  const words = Buffer.from(reason, 'latin1').toString();
  const path = resolve(gnu === null ? Buffer.from(name, 'latin1') : unescaped(name)) ?? fallback;
  return { path, kind: kindOf(words), reason: words };
}

function kindOf(reason: string): FileProblem['kind'] {
  if (/changed as we read it|shrank by/.test(reason)) return 'changed';
  return /No such file or directory|removed before we read it/.test(reason) ? 'vanished' : 'unreadable';
}

const shortEscapes: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** The bytes of a name that was escaped as in C. */
function unescaped(text: string): Buffer {
  const bytes = text.replace(/\\([0-7]{3}|[\s\S])/g, (_, code: string) =>
    String.fromCharCode(code.length === 3 ? Number.parseInt(code, 8) & 0xff : (shortEscapes[code] ?? code.charCodeAt(0))),
  );
  return Buffer.from(bytes, 'latin1');
}

/** A whole path is itself. */
function absolute(name: Buffer): Uint8Array | undefined {
  return name[0] === 0x2f ? name : undefined;
}
