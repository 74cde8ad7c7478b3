import { forEachBounded } from '@holdfast/kernel';
import type { LoadOptions, Storage } from '@holdfast/storage/port';
import type { MasterKey } from '../../crypto/master-key.ts';
import type { IndexInventory } from '../inventory/index-inventory.ts';
import { isDamage } from '../pack-io/is-damage.ts';
import { JobRunner } from '../pack-io/job-runner.ts';
import { LoadMemory } from '../pack-io/load-memory.ts';
import type { Findings } from './findings.ts';
import type { PackCheckSetup } from './pack-check-job.ts';
import { packCheckHandler } from './pack-inspector.ts';

export interface ReadPacksInput {
  readonly storage: Storage;
  readonly masterKey: MasterKey;
  readonly inventory: IndexInventory;
  /** Packs to read, and their size on the storage. */
  readonly packs: ReadonlyMap<number, number>;
}

export interface ReadPacksOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined;
  /** Gets the record of every blob that cannot be had from its pack. */
  readonly onDamaged: (record: number) => void;
}

const inlineBytes = 8 << 20;
const budgetBytes = 80 << 20;
/** A pack of the default size, its last blob and its header. */
const slotBytes = 26 << 20;

/** Reads packs whole and checks all of their content in worker threads. A pack that cannot be read is a finding, and all of its blobs count as damaged. */
export async function readPacks(input: ReadPacksInput, findings: Findings, options: ReadPacksOptions): Promise<void> {
  const { storage, masterKey, inventory, packs } = input;
  const setup: PackCheckSetup = { masterKey, table: inventory.index.share() };
  const entry = new URL('./pack-check-worker.ts', import.meta.url);
  await using jobs = new JobRunner({ entry, handler: packCheckHandler, setup, inlineBytes });
  const memory = new LoadMemory(budgetBytes, slotBytes);
  const call: LoadOptions = options.signal === undefined ? { fresh: true } : { fresh: true, signal: options.signal };
  let bytesTotal = 0;
  for (const sizeBytes of packs.values()) bytesTotal += sizeBytes;
  let bytesDone = 0;
  await forEachBounded(
    packs,
    jobs.threads + storage.properties.connections,
    async ([pack, sizeBytes]) => {
      const name = inventory.index.packId(pack);
      const records = Uint32Array.from(inventory.records(pack));
      try {
        using loaded = await memory.load(storage, { type: 'data', name }, undefined, sizeBytes, call);
        const { bytes, transfer } = loaded;
        const { faults, damaged } = await jobs.run({ name, bytes, records }, bytes.byteLength, transfer);
        for (const record of damaged) options.onDamaged(record);
        if (faults.length > 0) findings.pack('pack-data', name, `Pack ${name} is damaged: ${faults.join('; ')}`);
      } catch (error) {
        if (!isDamage(error)) throw error;
        for (const record of records) options.onDamaged(record);
        findings.pack('pack-data', name, `Pack ${name} cannot be read: ${error.message}`);
      }
      bytesDone += sizeBytes;
      options.onProgress?.(bytesDone, bytesTotal);
    },
    options.signal,
  );
}
