import type { Command } from 'commander';
import { openLocked } from '../open-repository.ts';
import type { CommandModule } from '../program.ts';
import { addPruneFlags, type PruneFlags, runPrune } from '../prune-flags.ts';

export const define: CommandModule['define'] = (command: Command, run) => {
  addPruneFlags(command).option('-n, --dry-run', 'change nothing, say what would be');
  run(async (context, _arguments, flags: PruneFlags & { readonly dryRun?: boolean }) => {
    await using place = await openLocked(context, 'exclusive', { index: false });
    await runPrune(context, place.repository, flags, { dryRun: flags.dryRun ?? false, signal: place.signal });
  });
};
