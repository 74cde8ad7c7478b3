import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  ftruncateSync,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';

export interface TortureOptions {
  /** Size of the big sparse file. The full torture has 3 GiB. */
  readonly sparseBytes?: number;
  /** Entries of the wide directory. The full torture has 10 000. */
  readonly wideEntries?: number;
  /** Whether this user may make devices, change owners and set trusted attributes. */
  readonly privileged?: boolean;
}

const slash = Buffer.from('/');
/** The longest path that a system call takes, without the closing NUL. */
const longestPathBytes = 4095;

/**
 * Makes a tree with everything that has ever broken a backup program, below `root` (which must not exist). Needs touch, setfattr, setfacl,
 * mkfifo and, privileged, mknod. Content is the same each time; times that the kernel sets (ctime, inode) are not.
 */
export async function makeTortureTree(root: string, options: TortureOptions = {}): Promise<void> {
  const { sparseBytes = 3 * 2 ** 30, wideEntries = 10_000, privileged = process.getuid?.() === 0 } = options;
  mkdirSync(root);
  const at = (...parts: readonly (string | Buffer)[]): Buffer =>
    parts.reduce<Buffer>(
      (path, part) => Buffer.concat([path, slash, typeof part === 'string' ? Buffer.from(part) : part]),
      Buffer.from(root),
    );

  mkdirSync(at('sizes'));
  for (const size of [
    0,
    1,
    63,
    64,
    4095,
    4096,
    65536,
    524287,
    524288,
    524289,
    1 << 20,
    (1 << 23) - 1,
    1 << 23,
    (1 << 23) + 1,
    20_000_000,
  ]) {
    writeFileSync(at('sizes', String(size)), noise(`size ${size}`, size));
  }
  writeFileSync(at('sizes', 'zeros'), Buffer.alloc(3_000_000));
  writeFileSync(at('sizes', 'repeated'), Buffer.alloc(9_000_000, noise('block', 700_001)));

  mkdirSync(at('names'));
  const names = [
    'new\nline',
    'quote"quote',
    "single'quote",
    'back\\slash',
    'tab\there',
    ' leading and trailing ',
    '-rf',
    '*',
    '?[x]',
    '$HOME',
    '`id`',
    'a;b|c&d',
    'bell\x07',
    'escape\x1b[31m',
    'del\x7f',
    'line\u2028separator',
    'para\u2029separator',
    'nbsp\u00a0',
    'zero\u200bwidth',
    '\ufeffbom',
    'rtl\u202eexe.txt',
    'private\ue000',
    'emoji😀',
    'family👨‍👩‍👧',
    'combining e\u0301',
    'composed \u00e9',
    '日本語',
    'replacement\ufffd',
    '<tag>&amp;',
    '...',
    '..a',
    '.hidden',
    'x'.repeat(255),
    '\u{10ffff}',
    '\u0378unassigned',
    'CON',
    'C:',
    '%00',
    '\u00ad',
  ];
  for (const name of names) writeFileSync(at('names', name), name);
  const rawNames = [
    [0xff],
    [0x66, 0x80, 0x6f],
    [0xc3, 0x28],
    [0xed, 0xa0, 0x80],
    [0xf8, 0x88, 0x80, 0x80, 0x80],
    [0xc0, 0xaf],
    [1],
    [0x80, 0x0a, 0x22, 0x5c],
  ];
  for (const bytes of rawNames) writeFileSync(at('names', Buffer.from(bytes)), Buffer.from(bytes));
  mkdirSync(at('names', Buffer.from([0xfe, 0x20, 0xfe])));
  writeFileSync(at('names', Buffer.from([0xfe, 0x20, 0xfe]), Buffer.from([0xfd])), 'deep');

  mkdirSync(at('links'));
  writeFileSync(at('links', 'one'), 'linked three times');
  linkSync(at('links', 'one'), at('links', 'two'));
  linkSync(at('links', 'one'), at('names', 'third link'));
  symlinkSync('one', at('links', 'relative'));
  symlinkSync('/nowhere/at all', at('links', 'dangling'));
  symlinkSync('.', at('links', 'loop'));
  symlinkSync(Buffer.from([0x62, 0xff, 0xfe, 0x0a, 0x22]), at('links', 'invalid target'));
  symlinkSync('t'.repeat(4000), at('links', 'long target'));
  symlinkSync('a\ufffdb', at('links', 'genuine replacement'));
  linkTwice(at('links', 'relative'), at('links', 'hard link to a link'));

  mkdirSync(at('special'));
  run('mkfifo', at('special', 'fifo'));
  if (privileged) {
    run('mknod', at('special', 'chardev'), 'c', '1', '3');
    run('mknod', at('special', 'blockdev'), 'b', '7', '200');
    run('mknod', at('special', 'odd numbers'), 'c', '4095', '1048575');
  }
  await makeSocket(at('special', 'socket').toString());

  mkdirSync(at('modes'));
  for (const mode of [0o000, 0o400, 0o644, 0o777, 0o4755, 0o2755, 0o1644, 0o7777, 0o6711]) {
    const file = at('modes', mode.toString(8).padStart(4, '0'));
    writeFileSync(file, '');
    if (privileged) chownSync(file, mode, 54321);
    chmodSync(file, mode);
    const directory = at('modes', `d${mode.toString(8).padStart(4, '0')}`);
    mkdirSync(directory);
    writeFileSync(Buffer.concat([directory, Buffer.from('/inside')]), 'x');
    chmodSync(directory, privileged ? mode : mode | 0o700);
  }
  if (privileged) {
    symlinkSync('x', at('modes', 'owned link'));
    lchownSync(at('modes', 'owned link'), 4_000_000_000, 3_999_999_999);
  }

  mkdirSync(at('attributes'));
  for (const name of ['file', 'acl']) writeFileSync(at('attributes', name), name);
  mkdirSync(at('attributes', 'directory'));
  run('setfattr', '-n', 'user.text', '-v', 'value', at('attributes', 'file'));
  run('setfattr', '-n', 'user.binary', '-v', '0x00ff0a22', at('attributes', 'file'));
  run('setfattr', '-n', 'user.empty', at('attributes', 'file'));
  run('setfattr', '-n', 'user.a longer näme', '-v', 'x'.repeat(2000), at('attributes', 'directory'));
  if (privileged) run('setfattr', '-n', 'trusted.holdfast', '-v', 'secret', at('attributes', 'file'));
  run('setfacl', '-m', 'u:daemon:rwx,g:1234:r', at('attributes', 'acl'));
  run('setfacl', '-d', '-m', 'u:daemon:rx', at('attributes', 'directory'));

  mkdirSync(at('sparse'));
  makeSparse(at('sparse', 'big'), sparseBytes, [0, Math.floor(sparseBytes / 3), sparseBytes - 5]);
  makeSparse(at('sparse', 'only a hole'), 5_000_000, []);

  mkdirSync(at('wide'));
  for (let i = 0; i < wideEntries; i++) writeFileSync(at('wide', `entry-${i}`), i % 7 === 0 ? '' : `content ${i % 1000}`);

  mkdirSync(at('empty'));
  makeDeep(at('deep'));

  // Times last, since everything above changes them. Nanoseconds, before 1970, after 2038, far away, and on both sides of a DST change.
  mkdirSync(at('times'));
  const times = [
    '-1.000000001',
    '-2208988800.123456789',
    '0.000000000',
    '0.000000001',
    '1.100000000',
    '1234567890.123456789',
    '2147483648.5',
    '4102444800.999999999',
    '7258118400.1',
    '1743296399.999999999',
    '1743296400',
    '1761440400.25',
  ];
  for (const time of times) {
    writeFileSync(at('times', time), '');
    symlinkSync('x', at('times', `link ${time}`));
    for (const name of [time, `link ${time}`]) run('touch', '-h', '-d', `@${time}`, at('times', name));
  }
  for (const directory of ['times', 'names', 'empty', 'special', 'modes/d0000']) run('touch', '-d', '@1000000000.987654321', at(directory));
}

/** Bytes that look random and depend only on the name. */
function noise(name: string, size: number): Buffer {
  const blocks: Buffer[] = [];
  for (let i = 0; i * 64 < size; i++) blocks.push(createHash('sha512').update(`${name} ${i}`).digest());
  return Buffer.concat(blocks).subarray(0, size);
}

function makeSparse(path: Buffer, size: number, islands: readonly number[]): void {
  const fd = openSync(path, 'w');
  ftruncateSync(fd, size);
  for (const offset of islands) writeSync(fd, 'data!', offset);
  closeSync(fd);
}

/** Directories in directories until a path of 4 095 bytes is reached, with a file in the last one. */
function makeDeep(top: Buffer): void {
  let path = top;
  mkdirSync(path);
  for (;;) {
    const left = longestPathBytes - path.byteLength - 1;
    if (left < 2 + 200) {
      writeFileSync(Buffer.concat([path, slash, Buffer.from('f'.repeat(left))]), 'the deepest file');
      return;
    }
    path = Buffer.concat([path, slash, Buffer.from('d'.repeat(200))]);
    mkdirSync(path);
  }
}

function linkTwice(existing: Buffer, path: Buffer): void {
  run('ln', '-P', existing, path);
}

/** A socket file that stays: closing a server removes the name it was given, so the file gets another one before. */
async function makeSocket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ path: `${path}-` }, resolve));
  renameSync(`${path}-`, path);
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

/** Runs a program with raw path arguments. */
function run(program: string, ...arguments_: readonly (string | Buffer)[]): void {
  // child_process takes strings only: bytes that are no UTF-8 never reach here.
  execFileSync(
    program,
    arguments_.map((argument) => argument.toString()),
  );
}
