import type { CodedError, RandomSource } from '@holdfast/kernel';
import type { FileRef, FileType, StorageOperation } from '../port/index.ts';

/** What goes wrong with one call. */
export type Fault =
  /** Throws without doing anything; a list throws after that many files. Default: `storage-unreachable`, temporary. */
  | { readonly kind: 'fail'; readonly error?: CodedError; readonly afterFiles?: number }
  /** Does the work, then throws as if the answer were lost. Default: `storage-unreachable`, temporary. */
  | { readonly kind: 'lost-answer'; readonly error?: CodedError }
  /** Waits, then does the work. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** A load of no more than that many bytes: thrown as a temporary `storage-short-read`, or `silent`, returned as if it were all. */
  | { readonly kind: 'short-read'; readonly keepBytes: number; readonly silent: boolean }
  /** A save of no more than that many bytes under the final name: then throws `storage-io`, temporary, or `silent`, says that all is well. */
  | { readonly kind: 'torn-write'; readonly keepBytes: number; readonly silent: boolean };

/** A call that is about to be made. */
export interface StorageCall {
  readonly operation: StorageOperation;
  /** Absent for `create`. */
  readonly type?: FileType;
  /** Absent for `create` and `list`. */
  readonly file?: FileRef;
  /** Counts the calls of this operation, from 1. */
  readonly number: number;
}

/** Decides for each call what goes wrong with it, if anything. */
export type FaultPlan = (call: StorageCall) => Fault | undefined;

/** Nothing goes wrong. */
export const noFaults: FaultPlan = () => undefined;

/** The fault meets one call only, the n-th of that operation, counted from 1. */
export function faultOnce(operation: StorageOperation, number: number, fault: Fault): FaultPlan {
  return (call) => (call.operation === operation && call.number === number ? fault : undefined);
}

/** The fault meets the n-th call of that operation, counted from 1, and all that follow. */
export function faultFrom(operation: StorageOperation, number: number, fault: Fault): FaultPlan {
  return (call) => (call.operation === operation && call.number >= number ? fault : undefined);
}

export interface RandomFaults {
  /** Of 100 calls, how many are met by a fault. */
  readonly percent: number;
  /** The kinds to choose from; those that do not fit the operation are left out. All of them tell the truth: none is silent. */
  readonly kinds: readonly Fault['kind'][];
}

/** Faults by chance: with a seeded source, the same ones each time the same calls are made in the same order. */
export function randomFaults(random: RandomSource, faults: RandomFaults): FaultPlan {
  return (call) => {
    if (random.below(100) >= faults.percent) return undefined;
    const kinds = faults.kinds.filter((kind) => fits(kind, call.operation));
    const kind = kinds[random.below(Math.max(kinds.length, 1))];
    return kind === undefined ? undefined : randomFault(kind, random);
  };
}

/** Whether a fault of the kind can meet the operation. */
export function fits(kind: Fault['kind'], operation: StorageOperation): boolean {
  if (kind === 'short-read') return operation === 'load';
  return kind !== 'torn-write' || operation === 'save';
}

function randomFault(kind: Fault['kind'], random: RandomSource): Fault {
  if (kind === 'slow') return { kind, ms: random.below(1000) };
  if (kind === 'short-read' || kind === 'torn-write') return { kind, keepBytes: random.below(1 << 20), silent: false };
  return kind === 'fail' ? { kind, afterFiles: random.below(10) } : { kind };
}
