import { workerData } from 'node:worker_threads';
import { adviseHugePages } from '../posix/huge-pages.ts';
import { serveJobs } from '../workers/serve-jobs.ts';

/** One lane of scrypt: the block to be mixed. */
export interface ScryptJob {
  readonly block: Uint8Array;
  readonly N: number;
  readonly r: number;
}

type Mix = (block: number, spare: number, table: number, N: number, r: number) => void;

/** Below it is what the compiled code keeps for itself. */
const start = 4096;
const pageBytes = 65536;
const module: WebAssembly.Module = workerData;
let memory: WebAssembly.Memory | undefined;

serveJobs<ScryptJob, Uint8Array>(({ block, N, r }) => {
  const blockBytes = block.byteLength;
  memory ??= makeMemory(start + (N + 2) * blockBytes);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const bytes = new Uint8Array(memory.buffer, start, blockBytes);
  bytes.set(block);
  (exports['mix'] as Mix)(start, start + blockBytes, start + 2 * blockBytes, N, r);
  return { result: bytes.slice() };
});

function makeMemory(sizeBytes: number): WebAssembly.Memory {
  const made = new WebAssembly.Memory({ initial: Math.ceil(sizeBytes / pageBytes) });
  adviseHugePages(new Uint8Array(made.buffer));
  return made;
}
