// AssemblyScript, not TypeScript: compiled by compile.ts to ../src/chunker/rabin.wasm. See ../src/chunker/chunker.ts for what it is about.
//
// Memory: 256 × u64 table of what a byte that leaves the window contributes, 256 × u64 table of the reduction, then the data.

const OUT: usize = 0;
const MOD: usize = 2048;
const WINDOW: i32 = 64;
const MASK: u64 = (1 << 20) - 1;
const INDEX_SHIFT: u64 = 45;
/** Bytes that each of four lanes covers in one round. Small, because what the later lanes do after the first cut is wasted. */
const LANE: i32 = 8192;

// @ts-ignore: decorator
@inline
function append(digest: u64, byte: u64): u64 {
  return ((digest << 8) | byte) ^ load<u64>(MOD + (<usize>(digest >> INDEX_SHIFT) << 3));
}

// @ts-ignore: decorator
@inline
function slide(digest: u64, at: usize): u64 {
  // The leaving byte is taken out after the shift (the table is made for that), which keeps its load off the path from digest to digest.
  const rest = ((digest << 8) | load<u8>(at)) ^ load<u64>(OUT + (<usize>load<u8>(at - WINDOW) << 3));
  return rest ^ load<u64>(MOD + (<usize>(digest >> INDEX_SHIFT) << 3));
}

/** The digest of the window that ends before `at`. */
function digestAt(at: usize): u64 {
  let digest: u64 = 0;
  for (let i = at - WINDOW; i < at; i++) digest = append(digest, load<u8>(i));
  return digest;
}

/** The first position p, from ≤ p ≤ to, at which the window before p calls for a cut; 0 if there is none. 64 bytes before `from` are there. */
export function findCut(from: usize, to: usize): usize {
  let at = from;
  let d0 = digestAt(at);
  if ((d0 & MASK) == 0) return at;
  while (at + 4 * LANE <= to) {
    let d1 = digestAt(at + LANE);
    let d2 = digestAt(at + 2 * LANE);
    let d3 = digestAt(at + 3 * LANE);
    let hit1: usize = 0;
    let hit2: usize = 0;
    let hit3: usize = 0;
    const end = at + LANE;
    for (let p = at; p < end; p++) {
      d0 = slide(d0, p);
      d1 = slide(d1, p + LANE);
      d2 = slide(d2, p + 2 * LANE);
      d3 = slide(d3, p + 3 * LANE);
      if (i32((d0 & MASK) == 0) | i32((d1 & MASK) == 0) | i32((d2 & MASK) == 0) | i32((d3 & MASK) == 0)) {
        if ((d0 & MASK) == 0) return p + 1;
        if ((d1 & MASK) == 0 && hit1 == 0) hit1 = p + LANE + 1;
        if ((d2 & MASK) == 0 && hit2 == 0) hit2 = p + 2 * LANE + 1;
        if ((d3 & MASK) == 0 && hit3 == 0) hit3 = p + 3 * LANE + 1;
      }
    }
    if (hit1 != 0) return hit1;
    if (hit2 != 0) return hit2;
    if (hit3 != 0) return hit3;
    at += 4 * LANE;
    d0 = d3;
  }
  while (at < to) {
    d0 = slide(d0, at);
    at++;
    if ((d0 & MASK) == 0) return at;
  }
  return 0;
}
