import { type Clock, CodedError } from '@holdfast/kernel';
import type { ByteQueue } from '../byte-queue.ts';
import { Tail } from '../collect-tail.ts';
import { CommandStream } from '../command-stream.ts';
import { linkUnreachable } from '../link-errors.ts';
import type { LocalProcess } from '../local-process.ts';
import type { CallOptions, HostPort, RemoteProcess } from '../port.ts';
import type { SshMaster } from './ssh-master.ts';

export interface DialingHost {
  readonly from: string;
  readonly clock: Clock;
  readonly master: Pick<SshMaster, 'said'>;
  start(parameters: readonly string[], what: string): Promise<LocalProcess>;
  /** Whether the connection still stands. */
  isAlive(): Promise<boolean>;
}

/** What ssh says, when told to say much, once the far end has taken the connection. */
const opened = /master session id/;

/** A TCP connection made by the far host, through `ssh -W`. */
export async function dialThroughSsh(
  address: HostPort,
  outgoing: ByteQueue,
  options: CallOptions,
  host: DialingHost,
): Promise<CommandStream> {
  const { host: name, port } = address;
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$|^[0-9a-fA-F:]+$/.test(name) || !Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new CodedError({ code: 'invalid-argument', message: `${JSON.stringify(`${name}:${port}`)} is not an address` });
  }
  options.signal?.throwIfAborted();
  const target = `${name} port ${port}`;
  const before = host.master.said.position;
  const client = await host.start(
    ['-o', 'LogLevel=DEBUG1', '-W', `${name.includes(':') ? `[${name}]` : name}:${port}`],
    `a connection to ${target}`,
  );
  const isOpen = Promise.withResolvers<boolean>();
  void watch(client, isOpen);
  const over = new AbortController();
  const stopped = host.clock.sleep(
    options.timeoutMs ?? 30_000,
    AbortSignal.any([over.signal, ...(options.signal === undefined ? [] : [options.signal])]),
  );
  const outcome = await Promise.race([
    isOpen.promise,
    stopped.then(
      () => 'late' as const,
      () => 'aborted' as const,
    ),
  ]);
  over.abort();
  if (outcome !== true) {
    const reason =
      outcome === 'late'
        ? 'there was no answer in time'
        : (/open failed: (.*)/.exec(host.master.said.text(before))?.[1] ?? 'it was refused');
    await client.stop(new CodedError({ code: 'cancelled', message: 'The connection did not come about' }));
    options.signal?.throwIfAborted();
    throw linkUnreachable(target, host.from, reason);
  }
  const running: RemoteProcess = {
    stdout: client.stdout,
    // What ssh says is read here.
    stderr: nothing(),
    exit: client.exit,
    [Symbol.asyncDispose]: async () => await client[Symbol.asyncDispose](),
  };
  // ssh -W ends well also when the connection below it breaks.
  const lastWords = async (): Promise<string | undefined> => ((await host.isAlive()) ? undefined : 'the connection below it broke');
  return new CommandStream(running, outgoing, `The connection to ${target} from ${host.from}`, lastWords);
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // It is read where it is shown.
}

async function watch(client: LocalProcess, isOpen: PromiseWithResolvers<boolean>): Promise<void> {
  const tail = new Tail(8 * 1024);
  try {
    for await (const bytes of client.stderr) {
      tail.add(bytes);
      if (opened.test(tail.text())) isOpen.resolve(true);
    }
  } catch {
    // Stopped.
  }
  isOpen.resolve(false);
}
