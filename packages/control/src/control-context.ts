import type { Clock, RandomSource } from '@holdfast/kernel';
import type { ChangeBus } from './change-bus.ts';
import type { Database } from './database/database.ts';
import type { SecretSealer } from './secrets/secret-sealer.ts';

/** What every verb of the control plane works with. */
export interface ControlContext {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly sealer: SecretSealer;
  readonly changes: ChangeBus;
}

/** Who asks for a change, for the audit log: a user's address, `token <name>`, `scheduler`, `worker <name>`. */
export interface Caller {
  readonly actor: string;
  readonly requestId: string;
}
