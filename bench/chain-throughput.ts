/**
 * What a chain of SSH carries on loopback: a stream of zeros from the last hop, read by Holdfast, against the same stream by plain ssh to
 * /dev/null (through ProxyJump where there are several hops), in turn; then a long stream through three links, with the memory of this process
 * and of all its ssh processes looked at ten times a second.
 *
 *   node bench/chain-throughput.ts [--mebibytes 256] [--pairs 3] [--long-mebibytes 512]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LocalHost } from '@holdfast/connect/local';
import { openChain } from '@holdfast/connect/open-chain';
import type { Host } from '@holdfast/connect/port';
import { SshServer } from '../test/services/sshd.ts';
import { connectorTo } from '../test/support/ssh-chain.ts';
import { writePlainConfig } from './loopback-sshd.ts';
import { median } from './measure.ts';

const { values } = parseArgs({
  options: {
    mebibytes: { type: 'string', default: '256' },
    pairs: { type: 'string', default: '3' },
    'long-mebibytes': { type: 'string', default: '512' },
  },
});
const mebibytes = Number(values.mebibytes);

function seconds(startNs: bigint): number {
  return Number(process.hrtime.bigint() - startNs) / 1e9;
}

/** Reads so many zeros from the host, and takes it for an error if they are not all there. */
async function pull(host: Host, count: number): Promise<void> {
  await using running = await host.exec({ argv: ['head', '-c', String(count * 2 ** 20), '/dev/zero'] });
  let bytes = 0;
  for await (const piece of running.stdout) bytes += piece.byteLength;
  for await (const _ of running.stderr);
  const exit = await running.exit;
  if (exit.kind !== 'exited' || exit.code !== 0 || bytes !== count * 2 ** 20) throw new Error(`${bytes} bytes, ${JSON.stringify(exit)}`);
}

/** Resident memory of this process and of the ssh processes that it started, in MiB. */
function memory(): { readonly own: number; readonly ssh: number } {
  const kibibytes = (pid: string): number => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  let ssh = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      if (line.startsWith('ssh\0') && line.includes(tmpdir())) ssh += kibibytes(pid);
    } catch {
      // It has ended.
    }
  }
  return { own: kibibytes('self') / 1024, ssh: ssh / 1024 };
}

const root = mkdtempSync(join(tmpdir(), 'holdfast-chain-bench-'));
try {
  await using stack = new AsyncDisposableStack();
  const servers: SshServer[] = [];
  for (let i = 0; i < 3; i++) servers.push(stack.use(await SshServer.start()));
  const config = writePlainConfig(root, servers);
  process.stdout.write('| what | MiB/s | of plain ssh | runs MiB/s |\n| --- | ---: | ---: | --- |\n');
  const rate = (took: number): number => mebibytes / took;
  const shown = (rates: readonly number[]): string => rates.map((each) => each.toFixed(0)).join(' ');
  for (const hops of [1, 3]) {
    await using chain = await openChain(
      new LocalHost(),
      servers.slice(0, hops).map((server) => connectorTo(server)),
    );
    const line = `ssh -F ${config} hop${hops - 1} 'head -c ${mebibytes * 2 ** 20} /dev/zero' >/dev/null`;
    const plain: number[] = [];
    const ours: number[] = [];
    await pull(chain, 1);
    for (let i = 0; i < Number(values.pairs); i++) {
      const turns = [
        async (): Promise<void> => {
          // Signing in is not what is compared: it is measured by a command that carries nothing, and taken off.
          const idle = process.hrtime.bigint();
          spawnSync('sh', ['-c', `ssh -F ${config} hop${hops - 1} true`]);
          const signingIn = seconds(idle);
          const start = process.hrtime.bigint();
          const { status } = spawnSync('sh', ['-c', line]);
          if (status !== 0) throw new Error(`${line} failed`);
          plain.push(rate(seconds(start) - signingIn));
        },
        async (): Promise<void> => {
          const start = process.hrtime.bigint();
          await pull(chain, mebibytes);
          ours.push(rate(seconds(start)));
        },
      ];
      for (const turn of i % 2 === 0 ? turns : turns.toReversed()) await turn();
    }
    process.stdout.write(`| ssh to /dev/null, hops: ${hops} | ${median(plain).toFixed(0)} | | ${shown(plain)} |\n`);
    const share = median(ours) / median(plain);
    process.stdout.write(`| Holdfast, hops: ${hops} | ${median(ours).toFixed(0)} | ${share.toFixed(2)} | ${shown(ours)} |\n`);
  }
  await using chain = await openChain(
    new LocalHost(),
    servers.map((server) => connectorTo(server)),
  );
  await pull(chain, 64);
  const samples = [memory()];
  const watching = setInterval(() => samples.push(memory()), 100);
  const long = Number(values['long-mebibytes']);
  const start = process.hrtime.bigint();
  await pull(chain, long);
  clearInterval(watching);
  const took = seconds(start);
  const span = (key: 'own' | 'ssh'): string => {
    const all = samples.map((each) => each[key]);
    const half = Math.ceil(all.length / 2);
    return `${all[0]?.toFixed(0)} MiB at first, at most ${Math.max(...all.slice(0, half)).toFixed(0)} in the first half and ${Math.max(...all.slice(half - 1)).toFixed(0)} in the second`;
  };
  process.stdout.write(
    `\n${long} MiB through three links in ${took.toFixed(1)} s; memory of this process: ${span('own')}; of its ssh processes: ${span('ssh')}\n`,
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}
