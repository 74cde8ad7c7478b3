import { type Clock, CodedError, type ErrorCode, systemClock } from '@holdfast/kernel';
import { openChain } from './open-chain.ts';
import type { CallOptions, Connector, Host } from './port.ts';
import { plainText, requireSuccess, runToEnd } from './run-to-end.ts';

/** What a person is told about a chain that was tried. */
export type ChainVerdict = ChainWorks | ChainFails;

export interface ChainWorks {
  readonly works: true;
  readonly links: readonly ReachedLink[];
  /** What the last place says of its system: `Linux 6.1.0-18-amd64 x86_64`. */
  readonly system: string;
}

export interface ChainFails {
  readonly works: false;
  /** The links that were reached. */
  readonly links: readonly ReachedLink[];
  readonly failed: {
    /** Counted from 1; the number of links plus 1 where all were reached and the last place does not do its work. */
    readonly position: number;
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint: string | undefined;
    readonly context: CodedError['context'];
  };
}

export interface ReachedLink {
  readonly description: string;
  /** How long this link took to open. */
  readonly milliseconds: number;
}

/** Every value that a byte can have. A terminal or a login script in between would change or add some. */
const probe = Uint8Array.from({ length: 64 * 1024 }, (_, index) => (index * 31 + (index >> 8)) & 0xff);

/**
 * Opens the chain, sees that the last place runs commands and passes bytes on as they are (F16), and closes it. A failure that is the chain's is
 * the verdict; only a cancelled test and a defect reject.
 */
export async function testChain(
  start: Host,
  connectors: readonly Connector[],
  options: CallOptions & { readonly clock?: Clock } = {},
): Promise<ChainVerdict> {
  const { clock = systemClock, ...callOptions } = options;
  const links: ReachedLink[] = [];
  let since = clock.nowNs();
  const onOpened = ({ description }: Host): void => {
    const now = clock.nowNs();
    links.push({ description, milliseconds: Number((now - since) / 1_000_000n) });
    since = now;
  };
  try {
    await using host = await openChain(start, connectors, { ...callOptions, onOpened });
    return { works: true, links, system: await tryHost(host, callOptions) };
  } catch (error) {
    if (!CodedError.is(error) || error.code === 'cancelled' || options.signal?.aborted === true) throw error;
    const { code, message, hint, context } = error;
    const position = context['position'];
    return {
      works: false,
      links,
      failed: { position: typeof position === 'number' ? position : links.length + 1, code, message, hint, context },
    };
  }
}

async function tryHost(host: Host, options: CallOptions): Promise<string> {
  const limited = { timeoutMs: 30_000, ...options };
  const system = requireSuccess(await runToEnd(host, { argv: ['uname', '-srm'] }, limited), `uname on ${host.description}`);
  const echoed = requireSuccess(await runToEnd(host, { argv: ['cat'] }, { ...limited, stdin: once(probe) }), `cat on ${host.description}`);
  if (Buffer.compare(echoed.stdout, probe) !== 0) {
    throw new CodedError({
      code: 'command-failed',
      message: `${host.description} does not pass bytes on as they are: of ${probe.length} sent, ${echoed.stdout.length} came back, changed`,
      hint: 'See that no terminal is forced on the connection and that login scripts write nothing.',
    });
  }
  return plainText(system.stdout).trim();
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
