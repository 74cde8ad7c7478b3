import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { apiPath } from '@holdfast/contract';
import { OpenAPIHandler } from '@orpc/openapi/node';
import { makeFakeRouter } from './fake-router.ts';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const dist = join(import.meta.dirname, '../dist');
const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'";

export interface FakeServerOptions {
  readonly port: number;
  /** As on its first day, without an account. The set-up token is `let-me-in`. */
  readonly empty: boolean;
  /** Runs end within seconds. */
  readonly fast?: boolean;
}

/** Serves the built page and a made-up API, for looking at the page and for its screenshots. */
export function startFakeServer({ port, empty, fast = false }: FakeServerOptions): Promise<Server> {
  const handler = new OpenAPIHandler(makeFakeRouter({ empty, fast }));
  const server = createServer((request, response) => {
    void (async () => {
      const { matched } = await handler.handle(request, response, { prefix: apiPath as `/${string}`, context: { headers: {} } });
      if (!matched) await serveFile(request.url ?? '/', response);
    })().catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

async function serveFile(url: string, response: ServerResponse): Promise<void> {
  const path = normalize(new URL(url, 'http://fake').pathname);
  const name = extname(path) === '' ? 'index.html' : path;
  response.setHeader('content-security-policy', policy);
  try {
    const body = await readFile(join(dist, name));
    response.setHeader('content-type', types[extname(name)] ?? 'application/octet-stream');
    response.end(body);
  } catch {
    response.statusCode = 404;
    response.end();
  }
}

if (import.meta.main) {
  const port = Number(process.env['HOLDFAST_PORT'] ?? 8484);
  const empty = process.argv.includes('--empty');
  await startFakeServer({ port, empty });
  console.log(`http://127.0.0.1:${port} (${empty ? 'empty, set-up token let-me-in' : 'with sample data, any password'})`);
}
