import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const source = fileURLToPath(new URL('./rabin.as.ts', import.meta.url));

/** The chunker's WebAssembly, compiled from its source. */
export async function compileRabin(): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const options = ['rabin.as.ts', '--outFile', 'rabin.wasm', '--optimizeLevel', '3', '--runtime', 'stub', '--noAssert', '--importMemory'];
  const { error, stderr } = await asc.main([...options, '--baseDir', fileURLToPath(new URL('.', import.meta.url))], {
    writeFile: (_name: string, contents: Uint8Array | string) => {
      if (typeof contents !== 'string') binary = contents;
    },
  });
  if (error !== null || binary === undefined) throw new Error(`${source} does not compile: ${stderr.toString()}`);
  return binary;
}

if (import.meta.main) writeFileSync(new URL('../src/chunker/rabin.wasm', import.meta.url), await compileRabin());
