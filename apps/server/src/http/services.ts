import type { ControlContext } from '@holdfast/control';
import type { Clock, RandomSource } from '@holdfast/kernel';
import type { Accounts } from '../sign-in/accounts.ts';
import type { Gate } from '../sign-in/gate.ts';
import type { LazyVaults } from '../storage/lazy-vaults.ts';
import type { Links } from './links.ts';

/** What the routes work with: put together once, when the server starts. */
export interface Services {
  readonly control: ControlContext;
  readonly accounts: Accounts;
  readonly vaults: LazyVaults;
  /** For whoever makes repositories: one at a time. */
  readonly making: Gate;
  readonly links: Links;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly version: string;
  /** Where a first storage server is proposed. */
  readonly proposedStorage: string;
  /** Sends a test message by Telegram now; null when it arrived. */
  readonly testTelegram: (signal: AbortSignal) => Promise<string | null>;
  /** Aborted when the server stops: ends streams that would otherwise never end. */
  readonly stopping: AbortSignal;
}
