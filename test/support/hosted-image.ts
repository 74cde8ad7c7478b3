import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DockerEngine } from '../services/dockerd.ts';
import { runProgram } from '../services/run-program.ts';

/**
 * Makes the image `hosted`: an empty system that shows this machine's programs, read-only, when it is run with the options returned. What it
 * writes stays in it.
 */
export function makeHostedImage(engine: DockerEngine): readonly string[] {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-image-'));
  try {
    for (const name of ['dev', 'etc', 'proc', 'root', 'run', 'sys', 'usr', 'var/lib']) mkdirSync(join(root, name), { recursive: true });
    mkdirSync(join(root, 'tmp'), { mode: 0o777 });
    for (const name of ['bin', 'lib', 'lib64', 'sbin']) symlinkSync(`usr/${name}`, join(root, name));
    runProgram('tar', ['-C', root, '-cf', join(root, 'image'), '--exclude=./image', '.']);
    engine.docker(['import', join(root, 'image'), 'hosted']);
  } finally {
    rmSync(root, { recursive: true });
  }
  return ['--volume', '/usr:/usr:ro', '--volume', '/etc:/etc:ro'];
}
