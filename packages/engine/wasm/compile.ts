import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

/** Where the WebAssembly of each source belongs. */
export const targets = { rabin: '../src/chunker/rabin.wasm', scrypt: '../src/crypto/scrypt.wasm' } as const;

/** The WebAssembly of a source of this folder. */
export async function compile(name: keyof typeof targets): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const source = `${name}.as.ts`;
  const options = ['--optimizeLevel', '3', '--runtime', 'stub', '--noAssert', '--importMemory', '--enable', 'simd'];
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const { error, stderr } = await asc.main([source, '--outFile', `${name}.wasm`, ...options, '--baseDir', folder], {
    writeFile: (_name: string, contents: Uint8Array | string) => {
      if (typeof contents !== 'string') binary = contents;
    },
  });
  if (error !== null || binary === undefined) throw new Error(`${source} does not compile: ${stderr.toString()}`);
  return binary;
}

if (import.meta.main) {
  for (const name of ['rabin', 'scrypt'] as const) writeFileSync(new URL(targets[name], import.meta.url), await compile(name));
}
