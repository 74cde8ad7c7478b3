import { rm } from 'node:fs/promises';
import { type RandomSource, toHex } from '@holdfast/kernel';
import { childEnvironment } from '../local-environment.ts';
import { startLocalProcess } from '../local-process.ts';
import { makePrivateDirectory, privateDirectoryRoot, sweepPrivateDirectories } from './private-directory.ts';
import type { SshFiles } from './ssh-config.ts';

/** A private directory for one hop, which goes with the stack. Those that dead processes left are removed first. */
export async function makeSshFiles(stack: AsyncDisposableStack, random: RandomSource): Promise<SshFiles> {
  const root = privateDirectoryRoot();
  await sweepPrivateDirectories(root, endLeftOverConnection);
  const directory = await makePrivateDirectory(root);
  stack.defer(async () => await rm(directory, { recursive: true, force: true }));
  return { directory, alias: `holdfast-${toHex(random.bytes(8))}` };
}

/** A connection whose owner died outlives him only if what guards it was killed too; its control socket still takes orders. */
async function endLeftOverConnection(directory: string): Promise<void> {
  const parameters = ['-F', 'none', '-o', `ControlPath=${directory}/control`, '-O', 'exit', '--', 'left-over'];
  const program = { file: 'ssh', parameters, environment: childEnvironment(process.env) };
  await using client = await startLocalProcess(program, { what: 'ending a connection that was left over', timeoutMs: 5_000 });
  await Promise.allSettled([readAway(client.stdout), readAway(client.stderr), client.exit]);
}

async function readAway(stream: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const bytes of stream) if (bytes.length === 0) break;
}
