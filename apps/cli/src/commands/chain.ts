import { once } from 'node:events';
import { constants } from 'node:os';
import { LocalHost } from '@holdfast/connect/local';
import { openChain } from '@holdfast/connect/open-chain';
import type { ProcessExit, RemoteProcess } from '@holdfast/connect/port';
import { testChain } from '@holdfast/connect/test-chain';
import { pathBytes } from '@holdfast/engine';
import type { Command } from 'commander';
import { readChainFile } from '../chain-file.ts';
import { exitCodes } from '../exit-codes.ts';
import type { CommandModule } from '../program.ts';
import { type RunContext, usageError } from '../run-context.ts';

interface ChainFlags {
  readonly chain: string;
  readonly stdin?: boolean;
  readonly user?: string;
  readonly directory?: string;
}

export const define: CommandModule['define'] = (command: Command, run) => {
  const add = (name: string, about: string): Command =>
    command
      .command(name)
      .description(about)
      .requiredOption('--chain <file>', 'JSON file of the chain: {"chain": [{"ssh": {…}}, {"docker": {…}}]}');
  add('test', 'open a chain link by link, and say how far it gets');
  for (const [name, about] of [
    ['exec', 'run a command at the end of a chain, with its input, output and exit code'],
    ['explain', 'show what would be run where, and run nothing but the connecting'],
  ] as const) {
    add(name, about)
      .argument('<command...>', 'behind "--": the program and its arguments, as they are')
      .option('--user <account>', 'run it as that account')
      .option('--directory <path>', 'run it in that directory');
  }
  command.commands.find((each) => each.name() === 'exec')?.option('-n, --no-stdin', 'give it nothing to read');
  run(act);
};

async function act(context: RunContext, words: string[], flags: ChainFlags): Promise<void> {
  const connectors = await readChainFile(flags.chain);
  await using start = new LocalHost();
  if (context.verb === 'test') {
    const verdict = await testChain(start, connectors, { signal: context.signal });
    context.message({ message_type: 'chain_test', ...verdict });
    for (const { description, milliseconds } of verdict.links) context.say(`reached ${description} in ${milliseconds} ms`);
    if (verdict.works) {
      context.say(`it works: ${verdict.system}`);
      return;
    }
    const { code, message, hint } = verdict.failed;
    context.warn(`${message} [${code}]`);
    if (hint !== undefined) context.warn(`Hint: ${hint}`);
    context.exitCode = exitCodes.failed;
    return;
  }
  if (words.length === 0) throw usageError('No command was given', 'Write it behind "--".');
  const { user, directory: workingDirectory } = flags;
  const wanted = { argv: words.map(pathBytes), user, workingDirectory };
  await using host = await openChain(start, connectors, { signal: context.signal });
  if (context.verb === 'explain') {
    const { steps } = host.explain(wanted);
    context.message({ message_type: 'chain_explain', steps });
    if (!context.json) for (const { place, line } of steps) context.print(`${place}:\n  ${line}`);
    return;
  }
  await using running = await host.exec(wanted, { signal: context.signal, stdin: flags.stdin === false ? undefined : process.stdin });
  context.exitCode = exitCodeOf(await passThrough(running));
}

async function passThrough(running: RemoteProcess): Promise<ProcessExit> {
  try {
    const [exit] = await Promise.all([running.exit, copy(running.stdout, process.stdout), copy(running.stderr, process.stderr)]);
    return exit;
  } finally {
    // Somebody who still types would keep this process alive.
    process.stdin.destroy();
  }
}

async function copy(from: AsyncIterable<Uint8Array>, to: NodeJS.WriteStream): Promise<void> {
  for await (const bytes of from) if (!to.write(bytes)) await once(to, 'drain');
}

/** As a shell says it: 128 + n for a signal n. */
function exitCodeOf(exit: ProcessExit): number {
  if (exit.kind === 'exited') return exit.code;
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[exit.signal] ?? 0);
}
