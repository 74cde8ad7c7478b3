import type { Repository } from '@holdfast/engine';
import type { Command } from 'commander';
import { openLocked } from '../open-repository.ts';
import type { CommandModule } from '../program.ts';
import { usageError } from '../run-context.ts';

const kinds = ['config', 'index', 'snapshot', 'lock', 'key', 'blob', 'tree'] as const;

export const define: CommandModule['define'] = (command: Command, run) => {
  command.argument('<kind>', kinds.join(', ')).argument('[id]', 'full ID of the file or blob');
  run(async (context, [kind = '', id = '']) => {
    const known = kinds.find((each) => each === kind);
    if (known === undefined) throw usageError(`${JSON.stringify(kind)} is no kind of file`, `Use one of ${kinds.join(', ')}.`);
    if (known !== 'config' && !/^[0-9a-f]{64}$/.test(id)) throw usageError('A full ID is needed', 'It has 64 hexadecimal digits.');
    await using place = await openLocked(context, 'shared', { index: known === 'blob' || known === 'tree' });
    process.stdout.write(await read(place.repository, known, id));
  });
};

async function read(repository: Repository, kind: (typeof kinds)[number], id: string): Promise<Uint8Array> {
  switch (kind) {
    case 'config':
      return Buffer.from(
        `${JSON.stringify({ version: repository.version, id: repository.id, chunker_polynomial: repository.polynomial.toString(16) }, null, 2)}\n`,
      );
    case 'key':
      return repository.storage.load({ type: 'key', name: id });
    case 'blob':
      return repository.loadBlob('data', id);
    case 'tree':
      return repository.loadBlob('tree', id);
    default:
      return repository.loadFile(kind, id);
  }
}
