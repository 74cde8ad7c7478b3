import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiClient, apiPath, apiRoutes } from '@holdfast/contract';
import { type RunningServer, type ServerOptions, startServer } from '@holdfast/server';
import { createORPCClient } from '@orpc/client';
import { OpenAPILink } from '@orpc/openapi-client/fetch';

export const password = 'correct horse battery';

/** A running Holdfast in a directory of its own, and somebody who can sign in. */
export interface HttpServer extends AsyncDisposable {
  readonly running: RunningServer;
  readonly url: string;
  readonly folder: string;
  /** Lines of its log so far. */
  readonly log: readonly string[];
  /** A client with the cookies of whoever signed in by it. */
  client(headers?: Readonly<Record<string, string>>): ApiClient & { readonly cookie: string };
  /** Calls a path as it is. */
  call(path: string, init?: RequestInit): Promise<Response>;
}

export async function startHttpServer(options: ServerOptions = {}): Promise<HttpServer> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-server-'));
  const log: string[] = [];
  const running = await startServer({
    port: 0,
    dataDirectory: join(folder, 'data'),
    web: null,
    logLevel: 'debug',
    logTo: { write: (line) => void log.push(line) },
    stopWithinMs: 2_000,
    checkLists: true,
    ...options,
  });
  const url = `http://127.0.0.1:${running.port}`;
  return {
    running,
    url,
    folder,
    log,
    client: (headers = {}) => openClient(url, headers),
    call: async (path, init) => await fetch(`${url}${path}`, init),
    [Symbol.asyncDispose]: async () => {
      await running[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A client of a server that keeps the cookies that it is given. */
export function openClient(url: string, headers: Readonly<Record<string, string>> = {}): ApiClient & { readonly cookie: string } {
  const jar = new Map<string, string>();
  const cookie = (): string => [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const link = new OpenAPILink(apiRoutes(), {
    url: `${url}${apiPath}`,
    headers: () => ({ ...headers, ...(jar.size === 0 ? {} : { cookie: cookie() }) }),
    fetch: async (request, init) => {
      const response = await fetch(request, init);
      for (const set of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        if (value === '' || /max-age=0/i.test(set)) jar.delete(name);
        else jar.set(name, value);
      }
      return response;
    },
  });
  const client = createORPCClient<ApiClient>(link);
  return new Proxy(client, { get: (target, name) => (name === 'cookie' ? cookie() : Reflect.get(target, name)) }) as ApiClient & {
    readonly cookie: string;
  };
}
