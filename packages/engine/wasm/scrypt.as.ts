// AssemblyScript, not TypeScript: compiled by compile.ts to ../src/crypto/scrypt.wasm. See ../src/crypto/scrypt.ts for what it is about.
//
// Memory: the block that is mixed (128·r bytes), a second one to work partner, then the N blocks of the table. Inside, the sixteen words of
// each 64 bytes are kept in the order of the diagonals of Salsa20's matrix: four vectors on which all quarter rounds are done at once.

// @ts-ignore: decorator
@inline
function rotate(x: v128, bits: i32): v128 {
  return v128.or(i32x4.shl(x, bits), i32x4.shr_u(x, 32 - bits));
}

/** scryptBlockMix of `from` (XORed with `with` where that is not 0) into `to`: 2r times Salsa20/8. */
// @ts-ignore: decorator
@inline
function blockMix(from: usize, other: usize, to: usize, r: usize): void {
  const last = (2 * r - 1) << 6;
  let a = v128.load(from + last);
  let b = v128.load(from + last, 16);
  let c = v128.load(from + last, 32);
  let d = v128.load(from + last, 48);
  if (other != 0) {
    a = v128.xor(a, v128.load(other + last));
    b = v128.xor(b, v128.load(other + last, 16));
    c = v128.xor(c, v128.load(other + last, 32));
    d = v128.xor(d, v128.load(other + last, 48));
  }
  for (let i: usize = 0; i < 2 * r; i++) {
    const at = from + (i << 6);
    a = v128.xor(a, v128.load(at));
    b = v128.xor(b, v128.load(at, 16));
    c = v128.xor(c, v128.load(at, 32));
    d = v128.xor(d, v128.load(at, 48));
    if (other != 0) {
      const partner = other + (i << 6);
      a = v128.xor(a, v128.load(partner));
      b = v128.xor(b, v128.load(partner, 16));
      c = v128.xor(c, v128.load(partner, 32));
      d = v128.xor(d, v128.load(partner, 48));
    }
    const a0 = a;
    const b0 = b;
    const c0 = c;
    const d0 = d;
    for (let round = 0; round < 4; round++) {
      b = v128.xor(b, rotate(i32x4.add(a, d), 7));
      c = v128.xor(c, rotate(i32x4.add(b, a), 9));
      d = v128.xor(d, rotate(i32x4.add(c, b), 13));
      a = v128.xor(a, rotate(i32x4.add(d, c), 18));
      b = v128.shuffle<i32>(b, b, 3, 0, 1, 2);
      c = v128.shuffle<i32>(c, c, 2, 3, 0, 1);
      d = v128.shuffle<i32>(d, d, 1, 2, 3, 0);
      d = v128.xor(d, rotate(i32x4.add(a, b), 7));
      c = v128.xor(c, rotate(i32x4.add(d, a), 9));
      b = v128.xor(b, rotate(i32x4.add(c, d), 13));
      a = v128.xor(a, rotate(i32x4.add(b, c), 18));
      b = v128.shuffle<i32>(b, b, 1, 2, 3, 0);
      c = v128.shuffle<i32>(c, c, 2, 3, 0, 1);
      d = v128.shuffle<i32>(d, d, 3, 0, 1, 2);
    }
    a = i32x4.add(a, a0);
    b = i32x4.add(b, b0);
    c = i32x4.add(c, c0);
    d = i32x4.add(d, d0);
    const out = to + (((i >> 1) + (i & 1) * r) << 6);
    v128.store(out, a);
    v128.store(out, b, 16);
    v128.store(out, c, 32);
    v128.store(out, d, 48);
  }
}

/** Moves the words of each 64 bytes at `at` into the order of the diagonals, or back. */
function reorder(at: usize, blocks: usize, back: bool): void {
  const words = memory.data(64);
  for (let block: usize = 0; block < blocks; block++) {
    const base = at + (block << 6);
    for (let i: usize = 0; i < 16; i++) {
      const there = ((i * 5) % 16) << 2;
      if (back) store<u32>(words + there, load<u32>(base + (i << 2)));
      else store<u32>(words + (i << 2), load<u32>(base + there));
    }
    memory.copy(base, words, 64);
  }
}

/** scryptROMix, in place, of the block at `block`; `spare` has room for one block, `table` for N of them. N is a power of two. */
export function mix(block: usize, spare: usize, table: usize, N: u32, r: usize): void {
  const size = r << 7;
  reorder(block, 2 * r, false);
  memory.copy(table, block, size);
  for (let i: u32 = 1; i < N; i++) blockMix(table + (<usize>i - 1) * size, 0, table + <usize>i * size, r);
  blockMix(table + (<usize>N - 1) * size, 0, block, r);
  let from = block;
  let to = spare;
  for (let i: u32 = 0; i < N; i++) {
    const j = load<u32>(from + size - 64) & (N - 1);
    blockMix(from, table + <usize>j * size, to, r);
    const swap = from;
    from = to;
    to = swap;
  }
  reorder(from, 2 * r, true); // N is even, so this is `block`
}
