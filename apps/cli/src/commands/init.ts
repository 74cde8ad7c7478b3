import { Repository } from '@holdfast/engine';
import type { Command } from 'commander';
import { addFromFlags, type FromFlags, openFrom } from '../from-repository.ts';
import { openStorage, repositoryLocation } from '../open-storage.ts';
import type { CommandModule } from '../program.ts';
import { readPassword } from '../read-password.ts';
import { usageError } from '../run-context.ts';

interface InitFlags extends FromFlags {
  readonly repositoryVersion?: string;
  readonly copyChunkerParams?: boolean;
}

export const define: CommandModule['define'] = (command: Command, run) => {
  addFromFlags(command)
    .option('--copy-chunker-params', 'cut files like the repository of --from-repo, so that copies are deduplicated')
    .option('--repository-version <version>', '1, 2, latest or stable', 'stable');
  run(async (context, _arguments, flags: InitFlags) => {
    const location = repositoryLocation(context);
    const version = flags.repositoryVersion === '1' ? 1 : 2;
    if (!['1', '2', 'latest', 'stable'].includes(flags.repositoryVersion ?? 'stable'))
      throw usageError('--repository-version: there are versions 1 and 2', 'Leave it out for version 2.');
    let polynomial: bigint | undefined;
    if (flags.copyChunkerParams === true) {
      await using other = await openFrom(context, flags);
      polynomial = other.polynomial;
    } else if (flags.fromRepo !== undefined)
      throw usageError('--from-repo is of use only with --copy-chunker-params', 'Add it, or leave --from-repo out.');
    const storage = openStorage(location, context);
    const password = await readPassword(context.flags, {
      variable: 'PASSWORD',
      prompt: 'password for the new repository: ',
      confirm: true,
    });
    await using repository = await Repository.init({
      storage,
      password,
      version,
      signal: context.signal,
      ...(polynomial === undefined ? {} : { polynomial }),
    });
    context.message({ message_type: 'initialized', id: repository.id, repository: location });
    context.say(`created repository ${repository.id.slice(0, 10)} at ${location}`);
    context.say('\nWithout the password the data are lost for good: keep it where this machine is not.');
  });
};
