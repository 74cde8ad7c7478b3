import type { Clock, RandomSource } from '@holdfast/kernel';
import type { Caller } from '../control-context.ts';
import type { Tables } from '../database/database.ts';
import { newId } from '../new-id.ts';
import { nowMs } from '../now-ms.ts';

export interface AuditFacts {
  /** The noun and the verb: `runs.cancel`. */
  readonly verb: string;
  /** What it was done to: `run 18…`. */
  readonly object: string;
  /** In words, without secrets. */
  readonly details: string;
}

/** Notes who did what, in the transaction that does it. */
export async function writeAudit(
  ports: { readonly clock: Clock; readonly random: RandomSource },
  tables: Tables,
  { actor, requestId }: Caller,
  facts: AuditFacts,
): Promise<void> {
  await tables
    .insertInto('audit')
    .values({ id: newId(ports), at_ms: nowMs(ports.clock), actor, request_id: requestId, ...facts })
    .execute();
}
