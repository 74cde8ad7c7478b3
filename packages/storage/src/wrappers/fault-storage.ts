import { type Clock, CodedError } from '@holdfast/kernel';
import {
  type Body,
  type ByteRange,
  bytesBody,
  type CallOptions,
  exactParts,
  type FileInfo,
  type FileRef,
  type FileType,
  type LoadOptions,
  type Storage,
  type StorageOperation,
  type StorageProperties,
} from '../port/index.ts';
import { type Fault, type FaultPlan, fits, type StorageCall } from './fault-plan.ts';

export {
  type Fault,
  type FaultPlan,
  faultFrom,
  faultOnce,
  noFaults,
  type RandomFaults,
  randomFaults,
  type StorageCall,
} from './fault-plan.ts';
export { InstantClock } from './instant-clock.ts';
export { seededRandom } from './seeded-random.ts';

/** For tests: a storage on which things go wrong by plan, and which counts its calls. */
export class FaultStorage implements Storage {
  /** Decides what goes wrong; may be exchanged at any time. */
  plan: FaultPlan;
  /** Calls so far. */
  readonly calls: Record<StorageOperation, number> = { create: 0, save: 0, load: 0, stat: 0, list: 0, remove: 0 };
  readonly #inner: Storage;
  readonly #clock: Clock;

  constructor(inner: Storage, plan: FaultPlan, clock: Clock) {
    this.#inner = inner;
    this.plan = plan;
    this.#clock = clock;
  }

  get properties(): StorageProperties {
    return this.#inner.properties;
  }

  async create(options?: CallOptions): Promise<void> {
    const fault = await this.#begin({ operation: 'create' }, options);
    await this.#inner.create(options);
    end(fault);
  }

  async save(file: FileRef, body: Body, options?: CallOptions): Promise<void> {
    const fault = await this.#begin({ operation: 'save', type: file.type, file }, options);
    const stored = fault?.kind === 'torn-write' ? await tornBody(file, body, fault.keepBytes, options) : body;
    await this.#inner.save(file, stored, options);
    end(fault);
  }

  async load(file: FileRef, range?: ByteRange, options?: LoadOptions): Promise<Uint8Array> {
    const fault = await this.#begin({ operation: 'load', type: file.type, file }, options);
    const bytes = await this.#inner.load(file, range, options);
    end(fault);
    return fault?.kind === 'short-read' ? bytes.slice(0, fault.keepBytes) : bytes;
  }

  async stat(file: FileRef, options?: CallOptions): Promise<FileInfo> {
    const fault = await this.#begin({ operation: 'stat', type: file.type, file }, options);
    const info = await this.#inner.stat(file, options);
    end(fault);
    return info;
  }

  async *list(type: FileType, options?: CallOptions): AsyncGenerator<FileInfo, void, undefined> {
    const fault = await this.#begin({ operation: 'list', type }, options);
    let files = 0;
    for await (const info of this.#inner.list(type, options)) {
      if (fault?.kind === 'fail' && files === (fault.afterFiles ?? 0)) throw fault.error ?? unreachable('broke off');
      files++;
      yield info;
    }
    if (fault?.kind === 'fail') throw fault.error ?? unreachable('broke off');
    end(fault);
  }

  async remove(file: FileRef, options?: CallOptions): Promise<void> {
    const fault = await this.#begin({ operation: 'remove', type: file.type, file }, options);
    await this.#inner.remove(file, options);
    end(fault);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }

  async #begin(call: Omit<StorageCall, 'number'>, options: CallOptions | undefined): Promise<Fault | undefined> {
    options?.signal?.throwIfAborted();
    const number = ++this.calls[call.operation];
    const fault = this.plan({ ...call, number });
    if (fault === undefined) return undefined;
    if (!fits(fault.kind, call.operation)) throw new TypeError(`The plan has a ${fault.kind} for a ${call.operation}.`);
    if (fault.kind === 'slow') await this.#clock.sleep(fault.ms, options?.signal);
    if (fault.kind === 'fail' && call.operation !== 'list') throw fault.error ?? unreachable('did not answer');
    return fault;
  }
}

/** After the work is done: what of it is not admitted. */
function end(fault: Fault | undefined): void {
  if (fault?.kind === 'lost-answer') throw fault.error ?? unreachable('did its work, but the answer was lost');
  if (fault?.kind === 'short-read' && !fault.silent) throw planned('storage-short-read', 'ended too early');
  if (fault?.kind === 'torn-write' && !fault.silent) throw planned('storage-io', 'was torn');
}

async function tornBody(file: FileRef, body: Body, keepBytes: number, options: CallOptions | undefined): Promise<Body> {
  const parts: Uint8Array[] = [];
  for await (const part of exactParts(file, body, options?.signal)) parts.push(part);
  return bytesBody(Buffer.concat(parts).subarray(0, keepBytes));
}

function unreachable(what: string): CodedError {
  return planned('storage-unreachable', what);
}

function planned(code: 'storage-unreachable' | 'storage-short-read' | 'storage-io', what: string): CodedError {
  return new CodedError({ code, message: `The call ${what}, as planned by the test.`, retry: 'temporary' });
}
