import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

/** What goes wrong with one request. */
export type ProxyFault =
  /** An answer of its own; the server does not hear of the request. */
  | { readonly kind: 'answer'; readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  /** The connection is reset before the server hears of the request. */
  | { readonly kind: 'reset' }
  /** The server does what it was asked for, and nobody hears of it. */
  | { readonly kind: 'lost-answer' }
  /** No answer, for as long as the other end waits. */
  | { readonly kind: 'silent' }
  /** The answer stops after so many bytes of its body: the connection breaks, or stays and nothing comes. */
  | { readonly kind: 'cut'; readonly afterBytes: number; readonly how: 'reset' | 'freeze' }
  /** The answer says of itself that it is shorter than it is. */
  | { readonly kind: 'short'; readonly keepBytes: number }
  /** A byte of the request's body is another one when it arrives. */
  | { readonly kind: 'garbled-upload' }
  /** Every answer comes so much later. */
  | { readonly kind: 'slow'; readonly ms: number };

export interface ProxiedRequest {
  readonly method: string;
  readonly path: string;
  /** From 1. */
  readonly number: number;
  readonly headers: Readonly<IncomingMessage['headers']>;
}

/** Undefined: the request passes. */
export type ProxyPlan = (request: ProxiedRequest) => ProxyFault | undefined;

export interface FaultyProxy extends AsyncDisposable {
  readonly endpoint: string;
  /** May be exchanged at any time. */
  plan: ProxyPlan;
  /** Requests so far. */
  readonly requests: ProxiedRequest[];
}

export interface ProxySettings {
  /** Answers by TLS, with this key and certificate. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** A proxy on the loopback before a server of HTTP, in which things go wrong by plan. What the client has signed stays as it is. */
export async function startFaultyProxy(upstream: string, settings: ProxySettings = {}): Promise<FaultyProxy> {
  const { hostname, port } = new URL(upstream);
  const sockets = new Set<Socket>();
  const proxy = { plan: (() => undefined) as ProxyPlan, requests: [] as ProxiedRequest[] };
  const handle = (incoming: IncomingMessage, response: ServerResponse): void => {
    const made = { method: incoming.method ?? '', path: incoming.url ?? '', number: proxy.requests.length + 1, headers: incoming.headers };
    proxy.requests.push(made);
    const fault = proxy.plan(made);
    incoming.on('error', () => undefined);
    response.on('error', () => undefined);
    if (fault?.kind === 'silent') return void incoming.resume();
    if (fault?.kind === 'reset') return void incoming.socket.resetAndDestroy();
    if (fault?.kind === 'answer') {
      incoming.resume();
      incoming.once('end', () => response.writeHead(fault.status, fault.headers).end(fault.body));
      return;
    }
    let isAnswered = false;
    const forward = request({ hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (answer) => {
      isAnswered = true;
      answer.on('error', () => response.destroy());
      if (fault?.kind === 'lost-answer') {
        answer.resume();
        return void answer.once('end', () => incoming.socket.resetAndDestroy());
      }
      setTimeout(() => pass(answer, response, fault), fault?.kind === 'slow' ? fault.ms : 0);
    });
    // Swift sends a page behind the head that it was asked for, which comes too late to matter.
    forward.on('error', () => (isAnswered ? undefined : response.destroy()));
    let isGarbled = fault?.kind !== 'garbled-upload';
    incoming.on('data', (chunk: Buffer) => {
      if (!isGarbled && chunk.byteLength > 0) {
        chunk[chunk.byteLength >> 1] = (chunk[chunk.byteLength >> 1] ?? 0) ^ 0x20;
        isGarbled = true;
      }
      if (!forward.write(chunk)) {
        incoming.pause();
        forward.once('drain', () => incoming.resume());
      }
    });
    incoming.once('end', () => forward.end());
    incoming.once('close', () => {
      if (!incoming.complete) forward.destroy();
    });
  };
  const server = settings.tls === undefined ? createServer(handle) : createSecureServer(settings.tls, handle);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  return Object.assign(proxy, {
    endpoint: `${settings.tls === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  });
}

function pass(answer: IncomingMessage, response: ServerResponse, fault: ProxyFault | undefined): void {
  const headers = { ...answer.headers };
  if (fault?.kind === 'short') headers['content-length'] = String(fault.keepBytes);
  response.writeHead(answer.statusCode ?? 502, headers);
  if (fault?.kind !== 'cut' && fault?.kind !== 'short') return void answer.pipe(response);
  const keepBytes = fault.kind === 'cut' ? fault.afterBytes : fault.keepBytes;
  let kept = 0;
  answer.on('data', (chunk: Buffer) => {
    if (response.writableEnded) return;
    const part = chunk.subarray(0, Math.max(0, keepBytes - kept));
    kept += part.byteLength;
    if (part.byteLength > 0) response.write(part);
    if (kept < keepBytes) return;
    if (fault.kind === 'short') response.end();
    else if (fault.how === 'reset') setTimeout(() => response.socket?.resetAndDestroy(), 20);
  });
  if (keepBytes === 0) response.flushHeaders();
}
