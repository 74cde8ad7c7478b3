import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compile, targets } from '../packages/engine/wasm/compile.ts';

for (const name of ['rabin', 'scrypt'] as const) {
  test(`the WebAssembly ${name} in the repository is what its source compiles to`, async () => {
    const kept = readFileSync(new URL(targets[name], new URL('../packages/engine/wasm/', import.meta.url)));
    assert.equal(Buffer.compare(await compile(name), kept), 0, 'run node packages/engine/wasm/compile.ts');
  });
}
