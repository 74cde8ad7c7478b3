import { createCipheriv, createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A stream of bytes that only depends on its name: AES-CTR over zeros, as fast as the disk. */
class SeededBytes {
  readonly #cipher;

  constructor(name: string) {
    const key = createHash('sha256').update(`holdfast bench ${name}`).digest();
    this.#cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  }

  bytes(count: number): Buffer {
    return this.#cipher.update(Buffer.alloc(count));
  }

  below(limit: number): number {
    return this.bytes(4).readUInt32LE() % limit;
  }
}

const words =
  'account active address amount balance branch cancelled city comment country created currency customer deleted delivery discount email failed invoice item language last market name note number open order paid payment pending phone price product quantity rate region remark shipped state status street success tax total type unit updated user value warehouse weight'.split(
    ' ',
  );

export type DataSetName = 'small' | 'random' | 'text';

/** Makes a data set below `root` unless it is there, and returns its path. `scale` 1 is the full size. */
export function makeDataSet(root: string, name: DataSetName, scale: number): string {
  const path = join(root, `${name}-${scale}`);
  const done = `${path}.done`;
  if (existsSync(done)) return path;
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  if (name === 'small') makeSmallFiles(path, Math.round(60_000 * scale));
  else if (name === 'random') makeRandomFiles(path, Math.round(2048 * scale));
  else makeText(path, Math.round(1024 * scale));
  writeFileSync(done, '');
  return path;
}

/** Files of 0.5 to about 100 KiB, 18 KiB on average, half text and half not, 100 in a directory. */
function makeSmallFiles(path: string, count: number): void {
  const seeded = new SeededBytes('small');
  const text = sqlText(new SeededBytes('small text'), 4 << 20);
  for (let i = 0; i < count; i++) {
    const directory = join(path, `d${Math.floor(i / 10_000)}`, `s${Math.floor(i / 100)}`);
    if (i % 100 === 0) mkdirSync(directory, { recursive: true });
    const sizeBytes = 512 + Math.floor((seeded.below(1_000_000) / 1_000_000) ** 3 * 74_000);
    const isText = seeded.below(2) === 0;
    const from = seeded.below(text.length - sizeBytes);
    const content = isText ? text.subarray(from, from + sizeBytes) : seeded.bytes(sizeBytes);
    writeFileSync(join(directory, `f${i}.${isText ? 'txt' : 'bin'}`), content);
  }
}

function makeRandomFiles(path: string, mebibytes: number): void {
  const seeded = new SeededBytes('random');
  const perFile = 256;
  for (let written = 0; written < mebibytes; written += perFile) {
    const fd = openSync(join(path, `r${written}.bin`), 'w');
    for (let i = 0; i < Math.min(perFile, mebibytes - written); i++) writeSync(fd, seeded.bytes(1 << 20));
    closeSync(fd);
  }
}

function makeText(path: string, mebibytes: number): void {
  const seeded = new SeededBytes('text');
  const fd = openSync(join(path, 'dump.sql'), 'w');
  for (let i = 0; i < mebibytes; i++) writeSync(fd, sqlText(seeded, 1 << 20));
  closeSync(fd);
}

/** SQL and JSON as a dump of a shop's database has them: repetitive words, random keys, numbers and times. */
function sqlText(seeded: SeededBytes, bytes: number): Buffer {
  const lines: string[] = [];
  let length = 0;
  while (length < bytes) {
    const random = seeded.bytes(32);
    const word = (i: number): string => words[(random[i] as number) % words.length] as string;
    const number = random.readUInt32LE(0);
    const line =
      (random[4] as number) < 128
        ? `INSERT INTO ${word(5)}_${word(6)} VALUES (${number}, '${word(7)} ${word(8)}', ${number % 9973}.${(random[9] as number) % 100}, '2026-0${1 + ((random[10] as number) % 9)}-1${(random[11] as number) % 10} 0${(random[12] as number) % 10}:${10 + ((random[13] as number) % 49)}:00', '${random.toString('hex', 14, 22)}');\n`
        : `{"id":${number},"${word(5)}":"${word(6)} ${word(7)}","${word(8)}":${random.readUInt16LE(9)},"tags":["${word(11)}","${word(12)}"],"token":"${random.toString('base64', 13, 25)}"}\n`;
    lines.push(line);
    length += line.length;
  }
  return Buffer.from(lines.join('')).subarray(0, bytes);
}

/** Changes one file in a hundred below `path`, in place, to other bytes of the same length; `round` makes each time different. */
export function changeOnePercent(path: string, round: number): void {
  const seeded = new SeededBytes(`change ${round}`);
  let seen = 0;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || (seen++ + round) % 100 !== 0) continue;
    const file = join(entry.parentPath, entry.name);
    const { size } = statSync(file);
    writeFileSync(file, seeded.bytes(size));
    utimesSync(file, new Date(), new Date());
  }
}
