import { unlock } from '@holdfast/engine';
import type { Command } from 'commander';
import { openRepository } from '../open-repository.ts';
import type { CommandModule } from '../program.ts';

export const define: CommandModule['define'] = (command: Command, run) => {
  command.option('--remove-all', 'remove every lock, also those of running programs');
  run(async (context, _arguments, flags: { readonly removeAll?: boolean }) => {
    await using repository = await openRepository(context);
    const options = { signal: context.signal };
    const removed = await unlock(repository.storage, await repository.locks(options), flags.removeAll ?? false, options);
    context.say(removed === 1 ? 'removed 1 lock' : `removed ${removed} locks`);
  });
};
