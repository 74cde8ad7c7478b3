import { api, apiPath } from '@holdfast/contract';
import type { Caller } from '@holdfast/control';
import { CodedError, toHex } from '@holdfast/kernel';
import { OpenAPIHandler } from '@orpc/openapi/fastify';
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import { router } from '../routes/router.ts';
import { trustLists } from '../routes/trust-lists.ts';
import type { Visit } from '../sign-in/accounts.ts';
import type { Identity } from '../sign-in/identity.ts';
import { sessionCookies } from '../sign-in/session-cookies.ts';
import type { Logger } from '../start/logger.ts';
import type { WebBuild } from '../web/web-build.ts';
import { registerDownload } from './download.ts';
import { errorAnswer } from './error-answer.ts';
import { needOf } from './permissions.ts';
import { PlainJson } from './plain-json.ts';
import type { RequestContext } from './request-context.ts';
import { type GuardOptions, guardRequest } from './request-guard.ts';
import { setSecurityHeaders } from './security-headers.ts';
import type { Services } from './services.ts';
import { serveSite } from './static-site.ts';

export interface AppOptions extends GuardOptions {
  readonly services: Services;
  readonly logger: Logger;
  readonly site: WebBuild;
  /** Whether long lists too are compared with the contract before they are sent. */
  readonly checkLists: boolean;
  /** Null when the server can do its work, else why not. */
  readonly notReady: () => Promise<string | null>;
}

const mostBodyBytes = 1_048_576;

/** The HTTP server, not listening yet. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { services, logger, publicUrl } = options;
  const base: FastifyBaseLogger = logger;
  const app = fastify({
    loggerInstance: base,
    genReqId: () => toHex(services.random.bytes(8)),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: mostBodyBytes,
    // Only a server on this machine is believed about who asks, and only where it was said that there is one.
    trustProxy: publicUrl === undefined ? false : 'loopback',
    forceCloseConnections: 'idle',
  });
  const identities = new WeakMap<FastifyRequest, Identity>();
  const defect = (request: FastifyRequest) => (error: unknown) => request.log.error({ err: error, requestId: request.id }, 'defect');

  app.removeAllContentTypeParsers();
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body: string, done) => {
    // Programs name the type also where there is nothing to send.
    if (body === '') done(null, {});
    else void parseJson(request, body, done);
  });
  await setSecurityHeaders(app);

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    const { method, headers, protocol, host } = request;
    guardRequest({ method, headers, protocol, host }, options);
    if (!isApi(request)) return;
    reply.header('cache-control', 'no-store');
    if (openRoutes.has(`${method} ${pathOf(request)}`)) return;
    // Deny by default: also what does not exist is nobody's business.
    const found = await services.accounts.identify(visitOf(request));
    if (found === undefined) throw new CodedError({ code: 'unauthenticated', message: 'Sign in first' });
    identities.set(request, found.value);
    setCookies(request, reply, found.headers);
  });

  app.addHook('onResponse', async (request, reply) => {
    const level = reply.statusCode >= 500 ? 'error' : request.method === 'GET' && reply.statusCode < 400 ? 'debug' : 'info';
    const path = pathOf(request).replace(/(\/download\/).*/, '$1***');
    request.log[level]({ method: request.method, path, status: reply.statusCode, ms: Math.round(reply.elapsedTime) }, 'request');
  });

  app.setErrorHandler((error, request, reply) => {
    const answer = errorAnswer(error, request.id, defect(request));
    return reply.code(answer.status).type('application/json; charset=utf-8').send(answer.toJSON());
  });

  app.get('/healthz', async (_request, reply) => await reply.header('cache-control', 'no-store').send({ alive: true }));
  app.get('/readyz', async (_request, reply) => {
    const problem = await options.notReady();
    return await reply
      .header('cache-control', 'no-store')
      .code(problem === null ? 200 : 503)
      .send(problem === null ? { ready: true } : { ready: false, problem });
  });
  app.get('/openapi.json', async () => await (await import('./openapi-document.ts')).openApiDocument(services.version));

  const contextOf = (request: FastifyRequest, reply: FastifyReply): RequestContext => {
    const identity = identities.get(request);
    const caller: Caller = { actor: identity?.actor ?? `visitor ${request.ip}`, requestId: request.id };
    return {
      services,
      visit: visitOf(request),
      requestId: request.id,
      identity,
      caller,
      withCookies: ({ value, headers }) => {
        setCookies(request, reply, headers);
        return value;
      },
      setHeader: (name, value) => void reply.header(name, value),
      reportDefect: defect(request),
    };
  };
  registerDownload(app, contextOf);
  const handler = new OpenAPIHandler(options.checkLists ? router : trustLists(router), {
    eventIteratorKeepAliveInterval: 15_000,
    clientInterceptors: [async ({ next }) => PlainJson.of(await next())],
  });
  app.all(`${apiPath}/*`, async (request, reply) => {
    const context = contextOf(request, reply);
    const { matched } = await handler.handle(request, reply, { prefix: apiPath, context });
    if (!matched) throw new CodedError({ code: 'path-not-found', message: `The API has no ${request.method} ${pathOf(request)}` });
    return reply;
  });

  const answerWithPage = await serveSite(app, options.site);
  app.setNotFoundHandler((request, reply) => {
    const wantsPage = (request.method === 'GET' || request.method === 'HEAD') && !isApi(request) && !/\.[a-z0-9]+$/i.test(pathOf(request));
    if (wantsPage) return answerWithPage(reply);
    throw new CodedError({ code: 'path-not-found', message: `There is no ${request.method} ${pathOf(request)}` });
  });
  return app;
}

/** `METHOD path` of the routes that are open to everybody. */
const openRoutes: ReadonlySet<string> = new Set(
  Object.entries(api).flatMap(([noun, verbs]) =>
    Object.entries(verbs).flatMap(([verb, procedure]) => {
      const { method = 'POST', path = '' } = procedure['~orpc'].route;
      return needOf([noun, verb], method) === 'open' ? [`${method} ${apiPath}${path}`] : [];
    }),
  ),
);

function pathOf(request: FastifyRequest): string {
  return request.url.replace(/[?#].*$/, '');
}

function isApi(request: FastifyRequest): boolean {
  const path = pathOf(request);
  return path === apiPath || path.startsWith(`${apiPath}/`);
}

function visitOf(request: FastifyRequest): Visit {
  const { cookie, authorization } = request.headers;
  return { address: request.ip, cookie, authorization, userAgent: request.headers['user-agent'], requestId: request.id };
}

function setCookies(request: FastifyRequest, reply: FastifyReply, headers: Headers): void {
  for (const cookie of sessionCookies(headers, request.protocol === 'https')) reply.header('set-cookie', cookie);
}
