import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import fc from 'fast-check';
import { GnuListingParser, type ListingParser, type ListingRecord } from './gnu-listing.ts';
import { deviceNumber, type EntryType, type ListedEntry } from './listed-entry.ts';
import { StatListingParser } from './stat-listing.ts';

const runs = Number(process.env['HOLDFAST_FC_RUNS'] ?? 100);
const letters: Readonly<Record<string, string>> = { file: 'f', dir: 'd', symlink: 'l', dev: 'b', chardev: 'c', fifo: 'p', socket: 's' };
const bits: Readonly<Record<string, number>> = {
  file: 0o100000,
  dir: 0o040000,
  symlink: 0o120000,
  dev: 0o060000,
  chardev: 0o020000,
  fifo: 0o010000,
  socket: 0o140000,
};

const component = fc
  .oneof(
    fc.uint8Array({ minLength: 1, maxLength: 20 }),
    fc.constantFrom('z 0', 'e f 644 0', 'a\nb', '\\0', "' -> '", '-rf', ' ', '...', "'//\n").map((text) => new TextEncoder().encode(text)),
  )
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0x5f : byte))))
  .filter((bytes) => !['.', '..'].includes(bytes.toString('latin1')));
const path = fc
  .array(component, { minLength: 1, maxLength: 4 })
  .map((parts) => Buffer.concat(parts.flatMap((part) => [Buffer.from('/'), part])));
const target = fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0 ? 0x2f : byte))));
const account = fc.constantFrom('', 'root', 'www-data', 'ünï', 'domain\\user');
const time = fc.bigInt({ min: -2_000_000_000_000_000_000n, max: 8_000_000_000_000_000_000n });
const entry: fc.Arbitrary<ListedEntry> = fc
  .record({
    path,
    type: fc.constantFrom<EntryType>('file', 'dir', 'symlink', 'dev', 'chardev', 'fifo', 'socket'),
    permissions: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.integer({ min: 0, max: 4_294_967_295 }),
    gid: fc.integer({ min: 0, max: 4_294_967_295 }),
    user: account,
    group: account,
    sizeBytes: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    mtimeNs: time,
    ctimeNs: time,
    inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    deviceId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    links: fc.integer({ min: 1, max: 65535 }),
    linkTarget: target,
    major: fc.integer({ min: 0, max: 4095 }),
    minor: fc.integer({ min: 0, max: 0xfffff }),
  })
  .map(({ major, minor, ...rest }) => {
    const isDevice = rest.type === 'dev' || rest.type === 'chardev';
    const isLink = rest.type === 'symlink';
    return {
      ...rest,
      sizeBytes: isLink ? rest.linkTarget.byteLength : rest.sizeBytes,
      linkTarget: isLink ? rest.linkTarget : undefined,
      device: isDevice ? deviceNumber(major, minor) : 0n,
    };
  });
const record: fc.Arbitrary<ListingRecord> = fc.record({ kind: fc.constant('entry' as const), entry, onTheWay: fc.boolean() });

function split(ns: bigint): readonly [bigint, string] {
  const nanos = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return [(ns - nanos) / 1_000_000_000n, String(nanos).padStart(9, '0')];
}

function majorMinor(device: bigint): readonly [string, string] {
  const major = Number(((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xffff_f000n));
  const minor = Number((device & 0xffn) | ((device >> 12n) & 0xffff_ff00n));
  return [major.toString(16), minor.toString(16)];
}

/** What GNU find writes. */
function gnuBytes(given: ListingRecord): Buffer {
  if (given.kind !== 'entry') return Buffer.concat([Buffer.from('u\0'), given.path, Buffer.of(0)]);
  const { entry: each } = given;
  const [mtime, mtimeNanos] = split(each.mtimeNs);
  const [ctime, ctimeNanos] = split(each.ctimeNs);
  const [major, minor] = majorMinor(each.device);
  const device = each.device === 0n ? '' : `r ${major} ${minor}\0`;
  const head = `${given.onTheWay ? 'w' : 'e'} ${letters[each.type]} ${each.permissions.toString(8)} ${each.uid} ${each.gid} ${each.sizeBytes}`;
  const tail = `${mtime}.${mtimeNanos}0 ${ctime}.${ctimeNanos}0 ${each.inode} ${each.deviceId} ${each.links}`;
  const names = `${each.user === '' ? each.uid : each.user}\0${each.group === '' ? each.gid : each.group}\0`;
  return Buffer.concat([
    Buffer.from(`${device}${head} ${tail}\0${names}`),
    each.path,
    Buffer.of(0),
    each.linkTarget ?? Buffer.alloc(0),
    Buffer.of(0),
  ]);
}

/** What BusyBox's stat writes. */
function statBytes(given: ListingRecord): Buffer {
  if (given.kind !== 'entry') throw new Error('stat has no such record');
  const { entry: each } = given;
  const [mtime, mtimeNanos] = split(each.mtimeNs);
  const [ctime, ctimeNanos] = split(each.ctimeNs);
  const [major, minor] = majorMinor(each.device);
  const mode = ((bits[each.type] ?? 0) | each.permissions).toString(16);
  const numbers = `${mode}|${each.uid}|${each.gid}|${each.sizeBytes}|${mtime}|${ctime}|${each.inode}|${each.deviceId}|${each.links}|${major}|${minor}`;
  const times = `2026-01-02 03:04:05.${mtimeNanos} +0000|2026-01-02 03:04:05.${ctimeNanos} +0000`;
  const names = `${each.user === '' ? 'UNKNOWN' : each.user}|${each.group === '' ? 'UNKNOWN' : each.group}`;
  const name =
    each.linkTarget === undefined
      ? each.path
      : Buffer.concat([Buffer.from("'"), each.path, Buffer.from("' -> '"), each.linkTarget, Buffer.from("'")]);
  return Buffer.concat([
    Buffer.from(`${given.onTheWay ? 'w' : 'e'}|${numbers}|${names}|${times}|`),
    each.path,
    Buffer.from('//'),
    name,
    Buffer.from('//\n'),
  ]);
}

/** Hands the bytes over in pieces of any length. */
function parse(parser: ListingParser, bytes: Buffer, cuts: readonly number[]): ListingRecord[] {
  const records: ListingRecord[] = [];
  let at = 0;
  for (const cut of [...cuts.map((each) => each % (bytes.byteLength + 1)), bytes.byteLength].sort((a, b) => a - b)) {
    records.push(...parser.push(bytes.subarray(at, cut)));
    at = cut;
  }
  return records;
}

function plain(records: readonly ListingRecord[]): unknown {
  return records.map((each) =>
    each.kind === 'entry'
      ? {
          ...each,
          entry: {
            ...each.entry,
            path: Buffer.from(each.entry.path),
            linkTarget: each.entry.linkTarget && Buffer.from(each.entry.linkTarget),
          },
        }
      : { ...each, path: Buffer.from(each.path) },
  );
}

const kinds = {
  gnu: { make: () => new GnuListingParser(), bytes: gnuBytes, end: (code: number) => Buffer.from(`z ${code}\0`) },
  stat: { make: () => new StatListingParser(), bytes: statBytes, end: (code: number) => Buffer.from(`z|${code}//\n`) },
} as const;
const cuts = fc.array(fc.nat(), { maxLength: 12 });
const isIncomplete = (error: unknown): boolean => CodedError.is(error, 'source-incomplete');

for (const [name, { make, bytes, end }] of Object.entries(kinds)) {
  test(`F62 a ${name} listing is read as it was written, whatever names hold and wherever it is cut into pieces`, () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), cuts, fc.nat(1), (records, where, code) => {
        const parser = make();
        assert.deepEqual(plain(parse(parser, Buffer.concat([...records.map(bytes), end(code)]), where)), plain(records));
        assert.equal(parser.code, code);
      }),
      { numRuns: runs },
    );
  });

  test(`a ${name} listing that ends early is an error, and half an entry is never given out`, () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 6 }), cuts, fc.nat(), (records, where, at) => {
        const whole = Buffer.concat([...records.map(bytes), end(0)]);
        const kept = whole.subarray(0, at % whole.byteLength);
        const parser = make();
        const read = plain(parse(parser, kept, where)) as unknown[];
        assert.deepEqual(read, (plain(records) as unknown[]).slice(0, read.length));
        assert.equal(parser.code, undefined);
      }),
      { numRuns: runs },
    );
  });

  test(`a garbled ${name} listing is an error of its own or entries with absolute, clean paths, never anything else`, () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 6 }),
        cuts,
        fc.nat(),
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        (records, where, at, noise) => {
          const whole = Buffer.concat([...records.map(bytes), end(0)]);
          whole.set(noise.subarray(0, whole.byteLength - (at % whole.byteLength)), at % whole.byteLength);
          const parser = make();
          try {
            for (const each of parse(parser, whole, where)) {
              const given = Buffer.from(each.kind === 'entry' ? each.entry.path : each.path).toString('latin1');
              assert.match(given, /^\//);
              if (given !== '/') assert.doesNotMatch(given, /\/\.{0,2}(\/|$)/);
            }
          } catch (error) {
            if (!isIncomplete(error)) throw error;
          }
        },
      ),
      { numRuns: runs },
    );
  });
}

test('what a login script writes before the listing is no entry', () => {
  for (const { make, bytes } of Object.values(kinds)) {
    const [sample] = fc.sample(record, { numRuns: 1, seed: 1 });
    assert.ok(sample);
    const noisy = Buffer.concat([Buffer.from('Welcome to db1!\n'), bytes(sample)]);
    assert.throws(() => make().push(noisy), isIncomplete);
  }
});
