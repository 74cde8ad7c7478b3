import { hostname } from 'node:os';
import { type Clock, CodedError, type RandomSource } from '@holdfast/kernel';
import type { CallOptions, Storage } from '@holdfast/storage/port';
import { encodeLock } from '../format/lock-file.ts';
import { currentUser } from '../posix/current-user.ts';
import { isOwnDead, readLocks, type StoredLock } from './lock-state.ts';
import { processIdentity } from './process-identity.ts';
import type { UnpackedFiles } from './unpacked-files.ts';

export interface LockPorts {
  readonly storage: Storage;
  readonly files: UnpackedFiles;
  readonly clock: Clock;
  readonly random: RandomSource;
}

export interface LockOptions extends CallOptions {
  readonly exclusive: boolean;
  /** How long to wait for a lock that others hold. Default 0. */
  readonly retryMs?: number;
  /** Hears once that the lock is held by others and is waited for. */
  readonly onWait?: (holder: string) => void;
}

export interface EarlyLockOptions extends Omit<LockOptions, 'retryMs' | 'onWait'> {
  /** Called last before the lock is settled: throws if what was read until then does not count. */
  readonly confirm: () => Promise<void>;
}

const settleMs = 200;
const tickMs = 1000;
const refreshAfterNs = 300_000_000_000n;
/** A lock counts as stale after 30 minutes; a refresh that is this late must first make sure that nobody took it for stale. */
const doubtAfterNs = 1_350_000_000_000n;
const unreadableRetriesMs = [5_000, 10_000, 20_000];

/**
 * restic's lock, held: a file that is refreshed every five minutes. `signal` aborts with `lock-lost` when it cannot be; whoever works under
 * the lock must stop then. Disposing removes the file.
 */
export class RepositoryLock implements AsyncDisposable {
  readonly exclusive: boolean;
  /** Resolves when nobody can have taken a lock that excludes this one; rejects, as `signal` aborts, if somebody did. */
  readonly settled: Promise<void>;
  readonly #ports: LockPorts;
  readonly #lost = new AbortController();
  readonly #released = new AbortController();
  readonly #refreshing: Promise<void>;
  #name: string;
  #refreshedAtNs: bigint;

  /** `settle` ends the taking of the lock. */
  constructor(ports: LockPorts, exclusive: boolean, name: string, refreshedAtNs: bigint, settle: (signal: AbortSignal) => Promise<void>) {
    this.#ports = ports;
    this.exclusive = exclusive;
    this.#name = name;
    this.#refreshedAtNs = refreshedAtNs;
    this.settled = settle(this.#released.signal);
    this.settled.catch((error: unknown) => this.#lost.abort(error)); // whoever waits for it, or works under it, hears of it
    this.#refreshing = this.#keepFresh();
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  /** Throws `lock-lost` unless the lock is certainly still held. To be called before a deed that others must have been kept away from (F27). */
  async assertHeld(): Promise<void> {
    await this.settled;
    this.#lost.signal.throwIfAborted();
    if (this.#ports.clock.nowNs() - this.#refreshedAtNs >= doubtAfterNs) await this.#refreshInDoubt();
    else await this.#mustBeThere();
    this.#lost.signal.throwIfAborted();
  }

  /** Somebody may have removed the lock by hand. A refresh that goes on at the same time changes the name, so one more look is due then. */
  async #mustBeThere(): Promise<void> {
    const name = this.#name;
    try {
      await this.#ports.storage.stat({ type: 'lock', name });
    } catch (cause) {
      if (!CodedError.is(cause, 'storage-not-found')) throw cause;
      if (name !== this.#name) return this.#mustBeThere();
      this.#lost.abort(lockLost(this.#ports.storage, 'was removed by somebody else', cause));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#released.abort();
    await Promise.allSettled([this.settled, this.#refreshing]);
    await removeIfThere(this.#ports.storage, this.#name);
  }

  async #keepFresh(): Promise<void> {
    const { clock } = this.#ports;
    const released = this.#released.signal;
    while (!released.aborted && !this.#lost.signal.aborted) {
      await clock.sleep(tickMs, released).catch(() => undefined); // only the release ends it early
      const ageNs = clock.nowNs() - this.#refreshedAtNs;
      if (released.aborted || ageNs < refreshAfterNs) continue;
      // A refresh that fails is tried again at the next tick, until the lock is in doubt.
      if (ageNs < doubtAfterNs) await this.#refresh().catch(() => undefined);
      else await this.#refreshInDoubt();
    }
  }

  async #refresh(): Promise<void> {
    const nowNs = this.#ports.clock.nowNs();
    const name = await writeLock(this.#ports, this.exclusive, nowNs);
    const previous = this.#name;
    this.#name = name;
    this.#refreshedAtNs = nowNs;
    await removeIfThere(this.#ports.storage, previous);
  }

  /** The process may have slept while others took the lock for stale: only if the old file is still there, and the new one stays, goes it on. */
  async #refreshInDoubt(): Promise<void> {
    try {
      await this.#ports.storage.stat({ type: 'lock', name: this.#name });
      await this.#refresh();
      await this.#ports.clock.sleep(settleMs);
      await this.#ports.storage.stat({ type: 'lock', name: this.#name });
    } catch (cause) {
      this.#lost.abort(lockLost(this.#ports.storage, 'could not be refreshed in time', cause));
    }
  }
}

/**
 * Takes the lock, but comes back before it is certain that nobody took one at the same moment. Until `settled` resolves the caller may
 * read, and must store nothing.
 */
export async function acquireLockEarly(ports: LockPorts, options: EarlyLockOptions): Promise<RepositoryLock> {
  return beginLock(ports, options, options.confirm);
}

/** Takes the lock, waiting up to `retryMs` for others. Removes dead locks of Holdfast's own on the way. */
export async function acquireLock(ports: LockPorts, options: LockOptions): Promise<RepositoryLock> {
  const untilNs = ports.clock.nowNs() + BigInt(options.retryMs ?? 0) * 1_000_000n;
  let pauseMs = 5_000;
  for (let first = true; ; first = false) {
    try {
      return await tryAcquire(ports, options);
    } catch (error) {
      const leftMs = Number((untilNs - ports.clock.nowNs()) / 1_000_000n);
      if (!CodedError.is(error, 'repository-locked') || leftMs <= 0) throw error;
      if (first) options.onWait?.(error.message);
      await ports.clock.sleep(Math.min(pauseMs, leftMs), options.signal);
      pauseMs = Math.min(pauseMs * 2, 60_000);
    }
  }
}

async function tryAcquire(ports: LockPorts, options: LockOptions): Promise<RepositoryLock> {
  const lock = await beginLock(ports, options, async () => undefined);
  try {
    await lock.settled;
    return lock;
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

async function beginLock(ports: LockPorts, options: LockOptions, confirm: () => Promise<void>): Promise<RepositoryLock> {
  await refuseConflict(ports, options, undefined);
  const nowNs = ports.clock.nowNs();
  const name = await writeLock(ports, options.exclusive, nowNs);
  return new RepositoryLock(ports, options.exclusive, name, nowNs, async (released) => {
    const signal = options.signal === undefined ? released : AbortSignal.any([options.signal, released]);
    await ports.clock.sleep(settleMs, signal);
    await refuseConflict(ports, { ...options, signal }, name);
    await confirm();
  });
}

/** Throws `repository-locked` if a lock of somebody else excludes ours. A lock that cannot be read may still be on its way, so it is read again. */
async function refuseConflict(ports: LockPorts, options: LockOptions, ownName: string | undefined): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const locks = (await readLocks(ports.storage, ports.files, options)).filter(({ name }) => name !== ownName);
    const live: StoredLock[] = [];
    for (const stored of locks) {
      if (stored.lock !== undefined && isOwnDead(stored.lock, ports.clock.nowNs())) await removeIfThere(ports.storage, stored.name);
      else live.push(stored);
    }
    const holder = live.find(({ lock }) => lock !== undefined && (options.exclusive || lock.exclusive));
    if (holder !== undefined) throw locked(ports.storage, holder);
    const unreadable = live.find(({ lock }) => lock === undefined);
    if (unreadable === undefined) return;
    const pauseMs = unreadableRetriesMs[attempt];
    if (pauseMs === undefined) throw unreadable.error;
    await ports.clock.sleep(pauseMs, options.signal);
  }
}

function writeLock({ files }: LockPorts, exclusive: boolean, timeNs: bigint): Promise<string> {
  const user = currentUser();
  const identity = processIdentity(process.pid);
  const lock = {
    timeNs,
    exclusive,
    hostname: hostname(),
    username: user.username,
    pid: process.pid,
    uid: user.uid,
    gid: user.gid,
    process: identity,
  };
  return files.save('lock', encodeLock(lock), {});
}

async function removeIfThere(storage: Storage, name: string): Promise<void> {
  try {
    await storage.remove({ type: 'lock', name });
  } catch (error) {
    if (!CodedError.is(error, 'storage-not-found')) throw error;
  }
}

function lockLost(storage: Storage, what: string, cause: unknown): CodedError {
  return new CodedError({
    code: 'lock-lost',
    message: `The lock on ${storage.properties.description} ${what}`,
    hint: 'The machine slept or the storage was out of reach for too long, or the lock was taken away. Nothing is damaged; run it again.',
    cause,
  });
}

function locked(storage: Storage, { name, lock }: StoredLock): CodedError {
  const holder = lock === undefined ? 'somebody' : `process ${lock.pid} of ${lock.username} on ${lock.hostname}`;
  return new CodedError({
    code: 'repository-locked',
    message: `The repository at ${storage.properties.description} is locked${lock?.exclusive === true ? ' exclusively' : ''} by ${holder}`,
    hint: 'Wait until it has ended (--retry-lock does). If that process is gone for certain, remove its lock with unlock.',
    retry: 'temporary',
    context: { lock: name, pid: lock?.pid ?? null, hostname: lock?.hostname ?? null },
  });
}
