import { isIP } from 'node:net';
import { CodedError } from '@holdfast/kernel';

/** The parts of a request that tell where it comes from. */
export interface GuardedRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As the browser sees the server, from the trusted proxy if there is one. */
  readonly protocol: string;
  readonly host: string;
}

export interface GuardOptions {
  /** The server can be reached from this machine only. */
  readonly isLoopback: boolean;
  /** The address that people use, where it is not the server's own. */
  readonly publicUrl: URL | undefined;
}

const safeMethods: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses what another web page makes a browser send. On loopback, where set-up needs no token, the name in the address must be a loopback
 * name: otherwise a page could let its own name point here (DNS rebinding) and pass for the same origin.
 */
export function guardRequest(request: GuardedRequest, options: GuardOptions): void {
  const { headers, method } = request;
  if (options.isLoopback && !isLoopbackName(hostName(request.host)) && request.host !== options.publicUrl?.host) {
    throw refused(`Holdfast does not answer to the name ${JSON.stringify(request.host.slice(0, 100))}`);
  }
  const site = one(headers['sec-fetch-site']);
  const isNavigation = one(headers['sec-fetch-mode']) === 'navigate' && method === 'GET';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !isNavigation)
    throw refused('The request comes from another site');
  if (safeMethods.includes(method)) return;
  const origin = one(headers['origin']);
  if (origin !== undefined && origin !== `${request.protocol}://${request.host}` && origin !== options.publicUrl?.origin) {
    throw refused('The request comes from the page of another server');
  }
  const type = one(headers['content-type']);
  if (type !== undefined && !/^application\/json\s*(;|$)/i.test(type)) throw refused('Only JSON is taken (Content-Type: application/json)');
}

/** Whether only programs on this machine reach a server that listens there. */
export function isLoopbackAddress(host: string): boolean {
  return isLoopbackName(host);
}

function isLoopbackName(name: string): boolean {
  const plain = name.toLowerCase().replace(/\.$/, '');
  if (plain === 'localhost' || plain.endsWith('.localhost') || plain === '::1' || plain === '[::1]') return true;
  return isIP(plain) === 4 && plain.startsWith('127.');
}

function hostName(host: string): string {
  return host.startsWith('[') ? host.replace(/\].*$/, ']') : host.replace(/:\d+$/, '');
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}

function refused(message: string): CodedError {
  return new CodedError({
    code: 'request-refused',
    message,
    hint: 'If Holdfast stands behind another server, start it with HOLDFAST_URL set to the address that people use.',
  });
}
