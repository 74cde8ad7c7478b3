import { type Clock, CodedError } from '@holdfast/kernel';
import { ByteQueue } from '../byte-queue.ts';
import { CommandStream } from '../command-stream.ts';
import { linkUnreachable } from '../link-errors.ts';
import type { ByteStream, CallOptions, Host, HostPort, RemoteProcess } from '../port.ts';
import { runToEnd, succeeded } from '../run-to-end.ts';
import type { InspectedContainer } from './engine-answers.ts';

export interface ContainerDialOptions extends CallOptions {
  readonly container: InspectedContainer;
  /** The machine that the engine runs on, where the chain passes it. */
  readonly engineHost: Host | undefined;
  readonly clock: Clock;
}

/** A program that finds nobody ends at once, unless the network swallows what it asks: then the failure comes with the first reading. */
const settleMs = 400;
/** Says that it has come so far, then becomes the program. */
const started = 'echo started >&2; exec "$@"';

/** What can carry a connection there. The kinds of nc differ in how they are told to pass the end of their input on. */
const findTool = `if command -v socat >/dev/null 2>&1; then echo socat
elif command -v nc >/dev/null 2>&1; then
  case $(nc -h 2>&1) in *BusyBox*) echo nc ;; *OpenBSD*) echo nc-openbsd ;; *) echo nc ;; esac
elif command -v bash >/dev/null 2>&1; then echo bash
fi`;

/** Bash's own way. It has no half-open connections: the other end does not hear that no more comes. */
const bashConnection = 'exec 3<>"/dev/tcp/$1/$2" || exit 1; cat <&3 & cat >&3; wait "$!"';

/**
 * A TCP connection as seen from a container: by a program in it; without one, to the container's own ports, over the network that its engine's
 * machine shares with it.
 */
export async function dialInContainer(host: Host, address: HostPort, options: ContainerDialOptions): Promise<ByteStream> {
  checkAddress(address);
  const { container, engineHost, signal, timeoutMs } = options;
  // A container in the network of its machine sees what that sees.
  if (engineHost !== undefined && container.HostConfig?.NetworkMode === 'host')
    return await engineHost.dial(address, { signal, timeoutMs });
  const tool = await toolOf(host, signal);
  const argv = tool === undefined ? undefined : wordsOf(tool, address);
  if (argv !== undefined) return await overCommand(host, argv, address, options);
  const ip =
    Object.values(container.NetworkSettings?.Networks ?? {}).find((network) => (network?.IPAddress ?? '') !== '')?.IPAddress ?? undefined;
  if (engineHost !== undefined && ip !== undefined && isOwnAddress(address.host)) {
    return await engineHost.dial({ host: ip, port: address.port }, { signal, timeoutMs });
  }
  throw new CodedError({
    code: 'tool-missing',
    message: `${host.description} has nothing that could open a connection to ${address.host} port ${address.port}`,
    hint: 'In the container one of nc, socat or bash is needed. Where the port is published, connect to it from the machine of the engine instead.',
    context: { link: host.description },
  });
}

async function toolOf(host: Host, signal: AbortSignal | undefined): Promise<string | undefined> {
  const { stdout } = await runToEnd(host, { argv: ['sh', '-c', findTool] }, { signal, timeoutMs: 30_000 });
  const said = new TextDecoder().decode(stdout).trim();
  return said === '' ? undefined : said;
}

function wordsOf(tool: string, { host, port }: HostPort): readonly string[] | undefined {
  const plain = host.replace(/^\[(.*)\]$/, '$1');
  switch (tool) {
    case 'socat':
      return ['socat', '-t', '86400', '-', `TCP:${plain.includes(':') ? `[${plain}]` : plain}:${port}`];
    case 'nc':
      return ['nc', plain, String(port)];
    case 'nc-openbsd':
      return ['nc', '-N', plain, String(port)];
    case 'bash':
      return ['bash', '-c', bashConnection, 'bash', plain, String(port)];
    default:
      return undefined;
  }
}

async function overCommand(host: Host, argv: readonly string[], address: HostPort, options: ContainerDialOptions): Promise<ByteStream> {
  const outgoing = new ByteQueue();
  const process = await host.exec({ argv: ['sh', '-c', started, 'sh', ...argv] }, { stdin: outgoing, signal: options.signal });
  const begun = Promise.withResolvers<void>();
  const running: RemoteProcess = {
    stdout: process.stdout,
    stderr: told(process.stderr, begun.resolve),
    exit: process.exit,
    [Symbol.asyncDispose]: async () => await process[Symbol.asyncDispose](),
  };
  const stream = new CommandStream(running, outgoing, `The connection to ${address.host} port ${address.port} from ${host.description}`);
  try {
    await begun.promise;
    await settled(running, options);
    return stream;
  } catch (error) {
    await stream[Symbol.asyncDispose]();
    options.signal?.throwIfAborted();
    throw linkUnreachable(`${address.host} port ${address.port}`, host.description, error, host.description);
  }
}

/** Rejects when the program ends before the time in which it would have said that nobody is there. */
async function settled(running: RemoteProcess, { clock, signal }: ContainerDialOptions): Promise<void> {
  const over = new AbortController();
  const ended = running.exit.then((exit) => {
    if (!succeeded(exit)) throw new Error('nothing takes a connection there');
  });
  try {
    await Promise.race([ended, clock.sleep(settleMs, signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]))]);
  } finally {
    over.abort();
    ended.catch(() => undefined);
  }
}

/** Tells when the first bytes have come, or will not. */
async function* told(stream: AsyncIterable<Uint8Array>, tell: () => void): AsyncGenerator<Uint8Array> {
  try {
    for await (const bytes of stream) {
      tell();
      yield bytes;
    }
  } finally {
    tell();
  }
}

function isOwnAddress(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

function checkAddress({ host, port }: HostPort): void {
  const isHost = /^(?!-)[A-Za-z0-9_.:%-]{1,255}$/.test(host) || /^\[[0-9a-fA-F:.%]{2,64}\]$/.test(host);
  if (!isHost)
    throw new CodedError({
      code: 'invalid-argument',
      message: `${JSON.stringify(host.slice(0, 80))} is neither the name nor the address of a host`,
    });
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new CodedError({ code: 'invalid-argument', message: `${port} is not a port` });
}
