import { CodedError, type Secret } from '@holdfast/kernel';
import type { HostKey } from './host-key.ts';

/** How to reach a host by SSH. */
export interface SshConnection {
  /** A name or an address, as the previous host of the chain knows it. */
  readonly host: string;
  /** Default 22. */
  readonly port?: number | undefined;
  readonly user: string;
  /** The pinned keys; a host that shows none of them is not spoken with. None: `host-key-unknown`, with the key that it shows. */
  readonly hostKeys: readonly HostKey[];
  readonly credentials: SshCredentials;
  /** How long connecting and signing in may take together. Default 30 s. */
  readonly connectTimeoutMs?: number | undefined;
  /** How often a silent host is asked whether it is there; after three times without an answer the connection is given up. Default 15 s. */
  readonly aliveIntervalMs?: number | undefined;
}

/** What to sign in with; all that is given is tried. */
export interface SshCredentials {
  /** A private key, as the text of its file. */
  readonly privateKey?: Secret | undefined;
  readonly passphrase?: Secret | undefined;
  /** An OpenSSH certificate of that key, as the text of its file. */
  readonly certificate?: string | undefined;
  readonly password?: Secret | undefined;
  /** The socket of an agent on this machine. It is used for signing in here only, and never forwarded. */
  readonly agentSocket?: string | undefined;
}

/** `deploy@db1`, with the port where it is another one than 22. */
export function sshAddress({ user, host, port = 22 }: Pick<SshConnection, 'user' | 'host' | 'port'>): string {
  return port === 22 ? `${user}@${host}` : `${user}@${host}:${port}`;
}

const hostName = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})$/;
const ipv6Address = /^[0-9a-fA-F:]{2,45}(?:%[A-Za-z0-9_.-]{1,32})?$/;
const accountName = /^[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,127}$/;

/** Refuses, as `invalid-argument`, what ssh could take for an option or for more than one word of its configuration. */
export function checkSshAddress({ host, port = 22, user }: Pick<SshConnection, 'host' | 'port' | 'user'>): void {
  if (!hostName.test(host) && !ipv6Address.test(host)) throw invalid(`${shown(host)} is neither the name nor the address of a host`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw invalid(`${port} is not a port`);
  if (!accountName.test(user)) throw invalid(`${shown(user)} is not the name of an account`);
}

/** The address as `checkSshAddress` does, and the credentials: some there must be, and they must fit into what carries them. */
export function checkSshConnection({ host, port = 22, user, credentials }: SshConnection): void {
  checkSshAddress({ host, port, user });
  const { privateKey, password, agentSocket } = credentials;
  if (privateKey === undefined && password === undefined && agentSocket === undefined) {
    throw invalid(`The connection ${sshAddress({ user, host, port })} has nothing to sign in with`);
  }
  if (agentSocket !== undefined && !/^\/[A-Za-z0-9_/.+-]+$/.test(agentSocket))
    throw invalid(`${shown(agentSocket)} is not a plain path of a socket`);
  if (password !== undefined && /[\n\0]/.test(password.reveal())) throw invalid('A password has several lines or a NUL in it');
}

function shown(value: string): string {
  return JSON.stringify(value.slice(0, 80));
}

function invalid(message: string): CodedError {
  return new CodedError({ code: 'invalid-argument', message });
}
