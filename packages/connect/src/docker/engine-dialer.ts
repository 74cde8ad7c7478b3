import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { CodedError, type Secret } from '@holdfast/kernel';
import { openCommandStream } from '../command-stream.ts';
import { linkUnreachable } from '../link-errors.ts';
import { LocalHost } from '../local-host.ts';
import type { Host, Word } from '../port.ts';
import { StreamSocket } from './stream-socket.ts';

/** Where a container engine listens, as seen from the previous host of the chain. */
export type EngineAddress =
  /** Where that host's own command line client finds it: usually `/var/run/docker.sock`. */
  | { readonly kind: 'default' }
  | { readonly kind: 'socket'; readonly path: string }
  /** Verified against `ca` (PEM) and by name; there is no way without. `certificate` and `key` (PEM) are what the engine knows us by. */
  | {
      readonly kind: 'tls';
      readonly host: string;
      readonly port: number;
      readonly ca: string;
      readonly certificate?: string | undefined;
      readonly key?: Secret | undefined;
      /** The name in the engine's certificate, where it is not `host`. */
      readonly serverName?: string | undefined;
    };

export type EngineProgram = 'docker' | 'podman';

/** Opens one more connection to an engine. Aborting it also ends a connection that is open. */
export type EngineDialer = (signal?: AbortSignal) => Promise<Duplex>;

const defaultSockets: Readonly<Record<EngineProgram, string>> = { docker: '/var/run/docker.sock', podman: '/run/podman/podman.sock' };

/**
 * The way to an engine: its socket where the previous host is this machine, else the previous host's command line client as a pipe to it
 * (`docker system dial-stdio`); TLS through whatever the previous host reaches.
 */
export function engineDialer(via: Host, address: EngineAddress, program: EngineProgram): EngineDialer {
  if (address.kind === 'tls') return async (signal) => await dialTls(via, address, signal);
  const path = address.kind === 'socket' ? address.path : undefined;
  if (path !== undefined && (!path.startsWith('/') || path.includes('\0'))) {
    throw new CodedError({ code: 'invalid-argument', message: `${JSON.stringify(path)} is not the absolute path of a socket` });
  }
  if (via instanceof LocalHost) return async (signal) => await dialSocket(path ?? defaultSockets[program], signal);
  const argv = [...clientWords(address, program), 'system', 'dial-stdio'];
  return async (signal) => new StreamSocket(await openCommandStream(via, { argv }, { signal }));
}

/** The command line client with the options that make it speak to that engine. Certificates have no place in it: a TLS engine has no such line. */
export function clientWords(address: EngineAddress, program: EngineProgram): readonly Word[] {
  if (address.kind === 'default') return [program];
  const url = address.kind === 'socket' ? `unix://${address.path}` : `tcp://${address.host}:${address.port}`;
  return program === 'docker' ? ['docker', '-H', url] : ['podman', '--url', url];
}

async function dialSocket(path: string, signal: AbortSignal | undefined): Promise<Duplex> {
  signal?.throwIfAborted();
  const socket = connect({ path, allowHalfOpen: true, ...(signal === undefined ? {} : { signal }) });
  try {
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  } catch (error) {
    signal?.throwIfAborted();
    throw linkUnreachable(`The container engine at ${path}`, 'this machine', socketReason(error), path);
  }
  return socket;
}

function socketReason(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'there is no such socket';
  if (code === 'EACCES') return 'the account of Holdfast may not use it';
  return error;
}

type TlsAddress = Extract<EngineAddress, { kind: 'tls' }>;

async function dialTls(via: Host, address: TlsAddress, signal: AbortSignal | undefined): Promise<Duplex> {
  const { host, port, ca, certificate, key, serverName = host } = address;
  const under = new StreamSocket(await via.dial({ host, port }, { signal }));
  const socket = connectTls({
    socket: under,
    ca,
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key: key.reveal() }),
    ...(/^[\d.]+$|:/.test(serverName) ? { host: serverName } : { servername: serverName }),
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  });
  const onAbort = (): void => void socket.destroy(new Error('aborted'));
  signal?.addEventListener('abort', onAbort, { once: true });
  socket.once('close', () => {
    signal?.removeEventListener('abort', onAbort);
    under.destroy();
  });
  try {
    await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  } catch (error) {
    under.destroy();
    signal?.throwIfAborted();
    throw linkUnreachable(`The container engine at ${host} port ${port}`, via.description, error, `${host}:${port}`);
  }
  return socket;
}
