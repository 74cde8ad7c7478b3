import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FileStat } from '../posix/file-stat.ts';
import { completeFile, metadataTemplate } from './encode-node.ts';
import { FileNodeMatcher } from './file-node-matcher.ts';
import { goModeFromUnix } from './go-mode.ts';
import { LocalTimeFormatter } from './go-time.ts';
import { matchDecimal, matchDigits } from './match-bytes.ts';

const accounts = {
  userName: (uid: number): string | undefined => ['root', 'a "user"', undefined][uid % 3],
  groupName: (gid: number): string | undefined => ['wheel', undefined, 'grüppe'][gid % 3],
};
const seconds = fc.oneof(fc.integer({ min: 1_700_000_000, max: 1_700_000_100 }), fc.integer({ min: -1_000_000_000, max: 253_402_200_000 }));
const nanos = fc.oneof(fc.constant(0), fc.constantFrom(1, 10, 123_000_000, 999_999_999), fc.integer({ min: 0, max: 999_999_999 }));
const stat: fc.Arbitrary<FileStat> = fc.record({
  mode: fc.integer({ min: 0, max: 0o7777 }).map((bits) => 0o100000 | bits),
  uid: fc.integer({ min: 0, max: 4 }),
  gid: fc.integer({ min: 0, max: 4 }),
  links: fc.integer({ min: 0, max: 3 }),
  sizeBytes: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.maxSafeNat()),
  inode: fc.oneof(fc.bigInt({ min: 0n, max: 30n }), fc.bigInt({ min: 0n, max: 2n ** 53n - 1n })),
  deviceId: fc.bigInt({ min: 0n, max: 2n }),
  device: fc.constant(0n),
  atimeSeconds: seconds,
  atimeNanos: nanos,
  mtimeSeconds: seconds,
  mtimeNanos: nanos,
  ctimeSeconds: seconds,
  ctimeNanos: nanos,
});
const plainName = fc.string({ unit: fc.constantFrom(...'abcXYZ019 ._-~!#$%()*+,/:;=?@[]^`{|}'), minLength: 1, maxLength: 30 });
const anyName = fc.oneof(
  plainName,
  fc.uint8Array({ minLength: 1, maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);
const zones = ['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/St_Johns'] as const;

/** The node as the slow way writes it. */
function encode(name: string, file: FileStat, times: LocalTimeFormatter, withAtime: boolean, content: readonly string[]): Buffer {
  const mtime = times.formatParts(file.mtimeSeconds, file.mtimeNanos);
  const template = metadataTemplate({
    name: Buffer.from(name, 'latin1'),
    type: 'file',
    mode: goModeFromUnix(file.mode),
    mtime,
    atime: withAtime ? times.formatParts(file.atimeSeconds, file.atimeNanos) : mtime,
    ctime: times.formatParts(file.ctimeSeconds, file.ctimeNanos),
    uid: file.uid,
    gid: file.gid,
    user: accounts.userName(file.uid) ?? '',
    group: accounts.groupName(file.gid) ?? '',
    inode: file.inode,
    deviceId: file.deviceId,
    links: file.links,
    linkTarget: undefined,
    extendedAttributes: [],
    genericAttributes: undefined,
    device: 0n,
  });
  return Buffer.from(completeFile(template, file.sizeBytes, content));
}

for (const withAtime of [false, true]) {
  test(`a file is recognised by what the encoder writes of it${withAtime ? ', access time included' : ''}`, () => {
    for (const zone of zones) {
      const times = new LocalTimeFormatter(zone);
      const matcher = new FileNodeMatcher(new LocalTimeFormatter(zone), { ...accounts, groupName: () => 'group' }, withAtime);
      fc.assert(
        fc.property(plainName, stat, fc.nat({ max: 9 }), (name, file, before) => {
          const plain = { ...file, gid: 0 };
          const node = encode(name, plain, times, withAtime, ['ab'.repeat(32)])
            .toString()
            .replace('"wheel"', '"group"');
          const bytes = Buffer.from(' '.repeat(before) + node);
          assert.equal(matcher.match(bytes, before, name, plain), bytes.indexOf('"content":[') + '"content":['.length);
        }),
      );
    }
  });

  test(`a file is recognised only where the encoder would write the same bytes${withAtime ? ', access time included' : ''}`, () => {
    const times = new LocalTimeFormatter('Europe/Berlin');
    const matcher = new FileNodeMatcher(new LocalTimeFormatter('Europe/Berlin'), accounts, withAtime);
    // Of two files one field differs, or none, or as many as there are.
    const fields = ['none', 'none', 'all', 'mode', 'uid', 'gid', 'links', 'sizeBytes', 'inode', 'deviceId', 'mtimeNanos', 'ctimeSeconds'];
    const twoStats = fc
      .tuple(stat, stat, fc.constantFrom(...fields))
      .map(([a, b, which]): readonly [FileStat, FileStat] => [
        a,
        which === 'all' ? b : { ...a, ...(which in b ? { [which]: b[which as 'mode'] } : {}) },
      ]);
    let [same, different] = [0, 0];
    fc.assert(
      fc.property(anyName, anyName, fc.boolean(), twoStats, (name, other, sameName, [file, asked]) => {
        const askedName = sameName ? name : other;
        const written = encode(name, file, times, withAtime, []);
        const wanted = encode(askedName, asked, times, withAtime, []);
        const found = matcher.match(written, 0, askedName, asked) >= 0;
        if (found) assert.ok(written.equals(wanted), 'it took another file for this one');
        if (written.equals(wanted)) same += 1;
        else different += 1;
      }),
      { numRuns: 3000 },
    );
    assert.ok(same > 100 && different > 100, `${same} same, ${different} different`);
  });
}

test('digits are matched as numbers are written', () => {
  const text = fc.string({ unit: fc.constantFrom(...'0123456789a'), maxLength: 18 });
  fc.assert(
    fc.property(text, fc.oneof(fc.nat({ max: 20 }), fc.maxSafeNat()), fc.boolean(), (random, value, isOwn) => {
      const bytes = Buffer.from(isOwn ? `${value},` : random);
      const digits = /^\d*/.exec(bytes.toString())?.[0] ?? '';
      assert.equal(matchDecimal(bytes, 0, value), digits === String(value) ? digits.length : -1);
      const count = digits.length;
      if (count > 0 && count <= 9) assert.equal(matchDigits(bytes, 0, Number(digits), count), count);
      if (count > 0 && count <= 9) assert.equal(matchDigits(bytes, 0, (Number(digits) + 1) % 10 ** count, count), -1);
    }),
  );
});
