import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BlobIndex } from '../../index/blob-index.ts';
import { cString } from '../../posix/c-string.ts';
import type { EntryKind, PlannedEntry } from './entry-record.ts';
import { PlanBuilder } from './plan-builder.ts';

const runs = Number(process.env['HOLDFAST_FC_RUNS'] ?? 100);
const u32 = fc.nat(0xffff_ffff);
const text = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ min: 1, maxLength }).map(cString);

const entry: fc.Arbitrary<PlannedEntry> = fc
  .record({
    kind: fc.constantFrom<EntryKind>('directory', 'file', 'symlink', 'block-device', 'character-device', 'fifo', 'hard-link'),
    name: text(255),
    mode: fc.nat(0o7777),
    uid: u32,
    gid: u32,
    times: fc
      .tuple(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), fc.bigInt({ min: 0n, max: 999_999_999n }))
      .map(([s, ns]) => BigInt64Array.of(s, ns, -s, ns)),
    number: u32,
    sizeBytes: fc.nat(2 ** 53 - 1),
    device: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    linkTarget: fc.oneof(fc.constant(new Uint8Array(0)), text(4095)),
    attributes: fc.array(fc.record({ name: text(255), value: fc.oneof(fc.uint8Array(), fc.constant(new Uint8Array(2 << 20).fill(7))) }), {
      maxLength: 3,
    }),
  })
  .map(({ number, device, kind, ...rest }) => {
    const isDevice = kind === 'block-device' || kind === 'character-device';
    const numbers = { contentStart: 0, contentCount: 0, leader: 0, device: isDevice ? device : 0n };
    if (kind === 'hard-link') numbers.leader = number;
    else if (!isDevice) Object.assign(numbers, { contentStart: number, contentCount: number % 1000 });
    return { ...rest, ...numbers, kind, directory: 0 };
  });

test('entries come back from the plan as they went in, also such that are larger than a segment', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
      const builder = new PlanBuilder(new BlobIndex());
      for (const each of entries) builder.add(each);
      const { plan } = builder;
      assert.equal(builder.entryCount, entries.length);
      for (const [number, each] of entries.entries()) {
        assert.deepEqual(comparable(plan.entry(number)), comparable(each));
        assert.equal(plan.kind(number), each.kind);
        assert.equal(plan.sizeBytes(number), each.sizeBytes);
      }
    }),
    { numRuns: Math.min(runs, 60) },
  );
});

/** Bytes as text: memory that is shared compares as different from memory that is not. */
function comparable({ name, linkTarget, attributes, times, ...rest }: PlannedEntry): unknown {
  const shown = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
  const shownAttributes = attributes.map((each) => [shown(each.name), Buffer.from(each.value).toString('base64')]);
  return { ...rest, name: shown(name), linkTarget: shown(linkTarget), times: [...times], attributes: shownAttributes };
}
