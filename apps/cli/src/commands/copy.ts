import { byTime, copySnapshots, matchesFilter, resolveSnapshot } from '@holdfast/engine';
import type { Command } from 'commander';
import { addFromFlags, type FromFlags, openFrom } from '../from-repository.ts';
import { lockRepository, openRepository } from '../open-repository.ts';
import { parseCompression } from '../parse-compression.ts';
import type { CommandModule } from '../program.ts';
import { addSnapshotFlags, type SnapshotFlags, snapshotFilter } from '../snapshot-flags.ts';

export const define: CommandModule['define'] = (command: Command, run) => {
  addFromFlags(addSnapshotFlags(command)).argument('[ids...]', 'only these snapshots');
  run(async (context, ids, flags: FromFlags & SnapshotFlags) => {
    await using source = await lockRepository(context, await openFrom(context, flags), 'shared', { index: true });
    await using destination = await lockRepository(context, await openRepository(context), 'shared', { index: true, writes: true });
    const signal = AbortSignal.any([source.signal, destination.signal]);
    const all = await source.repository.snapshots({ signal });
    const filter = snapshotFilter(flags);
    const wanted =
      ids.length > 0
        ? ids.map((id) => resolveSnapshot(all, id, filter).snapshot)
        : all.filter((snapshot) => matchesFilter(snapshot, filter));
    const compression = parseCompression(context.flags.compression);
    const { outcomes } = await copySnapshots(source.repository, destination.repository, [...wanted].sort(byTime), {
      signal,
      ...(context.flags.packSize === undefined ? {} : { packSizeBytes: context.flags.packSize * 2 ** 20 }),
      compression,
      onProgress: ({ bytesDone, bytesTotal }) => context.progress.update({ done: bytesDone, total: bytesTotal, bytes: true }),
      onSnapshot: ({ sourceId, destinationId, isNew }) => {
        context.message({ message_type: 'snapshot', source_id: sourceId, destination_id: destinationId, copied: isNew });
        context.say(
          isNew
            ? `snapshot ${sourceId.slice(0, 8)} copied as ${destinationId.slice(0, 8)}`
            : `snapshot ${sourceId.slice(0, 8)} was there already`,
        );
      },
    });
    const copied = outcomes.filter(({ isNew }) => isNew).length;
    context.say(`${copied} snapshots copied, ${outcomes.length - copied} were there already`);
  });
};
