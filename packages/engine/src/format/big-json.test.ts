import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

/** Of one line, as all of them are. */
const documentBytes = 200e6;
const growthLimitBytes = 256e6;

/** Counts in a process of its own what a decoder finds in the document, and how much memory that takes beside the document. */
const program = `
  import { decodeIndex } from ${JSON.stringify(new URL('./index-file.ts', import.meta.url).href)};
  import { decodeTree } from ${JSON.stringify(new URL('./decode-tree.ts', import.meta.url).href)};
  import { decodeSnapshot } from ${JSON.stringify(new URL('./snapshot.ts', import.meta.url).href)};
  const [kind, cut] = process.argv.slice(1);
  const id = (n) => n.toString(16).padStart(64, '0');
  const node = (n) => \`{"name":"\${String(n).padStart(9, '0')}","type":"file","mode":420,"mtime":"2026-11-24T10:00:00Z","size":1,"content":["\${id(n)}"]}\`;
  const [head, item, tail] = {
    index: [\`{"packs":[{"id":"\${id(1)}","blobs":[\`, (n) => \`{"id":"\${id(n)}","type":"data","offset":\${n},"length":40}\`, ']}]}'],
    tree: ['{"nodes":[', node, ']}'],
    snapshot: [\`{"time":"2026-11-24T10:00:00Z","tree":"\${id(1)}","paths":[\`, (n) => \`"/\${id(n)}"\`, ']}'],
  }[kind];
  const bytes = Buffer.allocUnsafeSlow(${documentBytes} + 1000);
  let end = bytes.write(head);
  let items = 0;
  for (; end < ${documentBytes}; items++) end += bytes.write((items === 0 ? '' : ',') + item(items), end);
  end += bytes.write(tail, end);
  const document = bytes.subarray(0, end - (cut === undefined ? 0 : Number(cut)));
  let found = 0;
  let outcome = 'read';
  try {
    if (kind === 'index') decodeIndex(document, { pack: () => undefined, blob: () => { found += 1; } });
    else if (kind === 'tree') for (const _ of decodeTree(document)) found += 1;
    else found = decodeSnapshot(document).paths.length;
  } catch (error) {
    outcome = error.code;
  }
  console.log(JSON.stringify({ outcome, all: found === items, growthBytes: process.resourceUsage().maxRSS * 1024 - end }));
`;

async function decode(...how: readonly string[]): Promise<{ outcome: string; all: boolean; growthBytes: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '-e', program, ...how]);
  return JSON.parse(stdout);
}

for (const [kind, outcome] of [
  ['index', 'read'],
  ['tree', 'read'],
  ['snapshot', 'format-invalid'],
] as const) {
  test(`F19 big-json: ${outcome === 'read' ? 'every entry' : 'nothing, with an error,'} is read of a line of 200 MB that is ${kind}, in little memory`, async () => {
    const whole = await decode(kind);
    assert.deepEqual([whole.outcome, whole.all], [outcome, outcome === 'read']);
    assert.ok(whole.growthBytes < growthLimitBytes, `${whole.growthBytes} bytes more than the document`);
    assert.equal((await decode(kind, '100')).outcome, 'format-invalid', 'a line that ends early is an error');
  });
}
