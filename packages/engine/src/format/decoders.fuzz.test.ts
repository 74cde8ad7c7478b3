import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { FastRandom } from '../../../../test/support/fast-random.ts';
import { mutate } from '../../../../test/support/mutate.ts';
import { Sealer } from '../crypto/sealer.ts';
import { Zstd } from '../crypto/zstd.ts';
import { decodeConfig, encodeConfig } from './config-file.ts';
import { decodeTree } from './decode-tree.ts';
import { encodeNode } from './encode-node.ts';
import { encodeTree } from './encode-tree.ts';
import { LocalTimeFormatter } from './go-time.ts';
import { decodeIndex, encodeIndex } from './index-file.ts';
import { decodeKeyFile, decodeMasterKey, encodeKeyFile, encodeMasterKey } from './key-file.ts';
import { decodeLock, encodeLock } from './lock-file.ts';
import { decodePackHeader, encodePackHeader } from './pack-header.ts';
import { decodeSnapshot, encodeSnapshot } from './snapshot.ts';
import type { TreeNode } from './tree-node.ts';

const totalCases = Number(process.env['HOLDFAST_FUZZ_CASES'] ?? '40000');
const seed = Number(process.env['HOLDFAST_FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

const id = (fill: number): string => fill.toString(16).padStart(2, '0').repeat(32);
const node = (name: string, fields: Partial<TreeNode>): TreeNode => ({
  name: Buffer.from(name, 'latin1'),
  type: 'file',
  mode: 420,
  mtimeNs: -1_234_567_891n,
  atimeNs: 4_000_000_000_000_000_001n,
  ctimeNs: 1_700_000_000_000_000_000n,
  uid: 1000,
  gid: 1000,
  user: 'u\u2028ser',
  group: '',
  inode: 2n ** 63n,
  deviceId: 66_305n,
  sizeBytes: 2 ** 40,
  links: 2,
  linkTarget: undefined,
  extendedAttributes: [{ name: Buffer.from('user.a'), value: Buffer.from([0, 255]) }],
  genericAttributes: undefined,
  device: 0n,
  content: [id(1), id(2)],
  subtree: undefined,
  error: undefined,
  ...fields,
});
const times = new LocalTimeFormatter('Europe/Berlin');
const tree = encodeTree(
  [
    node('\xff\xfe"\\\n', {}),
    node('dir', { type: 'dir', content: null, subtree: id(3), sizeBytes: 0 }),
    node('link', { type: 'symlink', content: null, linkTarget: Buffer.from([0xff, 0x41]), sizeBytes: 0 }),
    node('tty', { type: 'chardev', content: null, device: 1281n, sizeBytes: 0 }),
  ]
    .sort((a, b) => Buffer.compare(a.name, b.name))
    .map((each) => encodeNode(each, times)),
);
const blob = (fill: number, uncompressedBytes: number) =>
  ({
    type: fill % 2 === 0 ? 'data' : 'tree',
    id: Buffer.alloc(32, fill),
    sealedBytes: 1000 + fill,
    uncompressedBytes,
    offset: fill * 1000,
  }) as const;
const blobs = [blob(0, 0), blob(1, 77), blob(2, 5000)];
const masterKey = { encrypt: Buffer.alloc(32, 1), macK: Buffer.alloc(16, 2), macR: Buffer.alloc(16, 3) };
const sealer = new Sealer(masterKey);
const zstd = new Zstd();
const room = new Uint8Array(1 << 16);

/** What a decoder reads, in a form that is right, and the decoder. */
const decoders: Readonly<Record<string, { readonly sample: Uint8Array; readonly decode: (bytes: Uint8Array) => unknown }>> = {
  'pack header': { sample: encodePackHeader(blobs), decode: decodePackHeader },
  index: {
    sample: encodeIndex([
      { id: id(9), blobs },
      { id: id(8), blobs: blobs.slice(1) },
    ]),
    decode: (bytes) => decodeIndex(bytes, { pack: () => undefined, blob: () => undefined }),
  },
  tree: { sample: tree, decode: (bytes) => [...decodeTree(bytes)] },
  snapshot: {
    sample: encodeSnapshot({
      time: '2026-11-24T10:11:12.123456789+01:00',
      parent: id(1),
      tree: id(2),
      paths: ['/a "b"', '/ü'],
      hostname: 'host',
      username: 'user',
      uid: 1,
      gid: 2,
      excludes: ['*.tmp'],
      tags: ['x'],
      original: id(3),
      programVersion: 'holdfast 0.1.0',
      summary: undefined,
    }),
    decode: decodeSnapshot,
  },
  key: {
    sample: encodeKeyFile({
      createdNs: 1_700_000_000_000_000_000n,
      username: 'u',
      hostname: 'h',
      N: 32768,
      r: 8,
      p: 5,
      salt: Buffer.alloc(64, 7),
      data: Buffer.alloc(150, 8),
    }),
    decode: decodeKeyFile,
  },
  'master key': { sample: encodeMasterKey(masterKey), decode: decodeMasterKey },
  config: { sample: encodeConfig({ version: 2, id: id(5), polynomial: 0x25b468838dcb75n }), decode: decodeConfig },
  lock: {
    sample: encodeLock({
      timeNs: 1_700_000_000_000_000_000n,
      exclusive: true,
      hostname: 'h',
      username: 'u',
      pid: 77,
      uid: 0,
      gid: 0,
      process: undefined,
    }),
    decode: decodeLock,
  },
  'sealed bytes': { sample: sealer.seal(Buffer.from('sealed')), decode: (bytes) => sealer.open(bytes) },
  'compressed blob': { sample: zstd.compress(tree, 3), decode: (bytes) => zstd.decompressInto(room, bytes) },
  'compressed bytes': { sample: zstd.compress(tree, 3), decode: (bytes) => zstd.decompress(bytes, 1 << 20) },
};

for (const [name, { sample, decode }] of Object.entries(decoders)) {
  const cases = Math.ceil(totalCases / Object.keys(decoders).length);
  test(`a decoder of any ${name} gives a value or a coded error (${cases} cases, seed ${seed})`, () => {
    decode(sample); // what is right is read
    const random = new FastRandom(seed);
    let refused = 0;
    for (let i = 0; i < cases; i++) {
      const bytes = i % 4 === 0 ? random.bytes(random.below(300)) : mutate(random, sample);
      try {
        decode(bytes);
      } catch (error) {
        if (!CodedError.is(error)) assert.fail(`case ${i}: ${String(error)} for ${Buffer.from(bytes).toString('base64').slice(0, 2000)}`);
        refused += 1;
      }
    }
    assert.ok(refused > cases / 4, 'what is random is not read');
  });
}
