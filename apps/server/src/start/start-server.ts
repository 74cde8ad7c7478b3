import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { CodedError, type Secret } from '@holdfast/kernel';
import { destination } from 'pino';
import { buildApp } from '../http/build-app.ts';
import { Links } from '../http/links.ts';
import { isLoopbackAddress } from '../http/request-guard.ts';
import type { Services } from '../http/services.ts';
import { Accounts } from '../sign-in/accounts.ts';
import { AttemptLimiter } from '../sign-in/attempt-limiter.ts';
import { createAuth } from '../sign-in/create-auth.ts';
import { Gate } from '../sign-in/gate.ts';
import { PasswordHasher } from '../sign-in/password-hasher.ts';
import { SetupToken } from '../sign-in/setup-token.ts';
import { withSignInTables } from '../sign-in/sign-in-tables.ts';
import { LazyVaults } from '../storage/lazy-vaults.ts';
import { refreshStorageServer } from '../storage/refresh-storage-server.ts';
import { StorageWatch } from '../storage/storage-watch.ts';
import { ensureWebBuild, type WebBuild } from '../web/web-build.ts';
import { defaultDataDirectory, prepareDataDirectory } from './data-directory.ts';
import { lockDataDirectory } from './data-lock.ts';
import { listen } from './listen.ts';
import { createLogger } from './logger.ts';
import { openControl } from './open-control.ts';
import type { ServerOptions } from './server-options.ts';
import { sessionSecret } from './session-secret.ts';
import { startBackground } from './start-background.ts';

/** A server that listens. Disposing stops it in order: no new requests, streams end, runs have some time and are then interrupted. */
export interface RunningServer extends AsyncDisposable {
  readonly port: number;
  /** Where people reach it. */
  readonly url: string;
  /** Asked for when the administrator is created; undefined where it is not needed. */
  readonly setupToken: Secret | undefined;
}

const defaultWeb = resolve(import.meta.dirname, '../../../web');

/** Puts Holdfast together and starts it: database, scheduler, worker, messages, HTTP. Nothing is left behind if that fails. */
export async function startServer(options: ServerOptions = {}): Promise<RunningServer> {
  const { environment = process.env, databaseUrl, host = '127.0.0.1', signal = new AbortController().signal } = options;
  const publicUrl = parsePublicUrl(options.publicUrl);
  const logger = createLogger(options.logLevel ?? 'info', options.logTo ?? destination(2));
  await using stack = new AsyncDisposableStack();
  const dataDirectory = await prepareDataDirectory(options.dataDirectory ?? defaultDataDirectory(environment, process.getuid?.() === 0));
  stack.use(lockDataDirectory(dataDirectory));
  const site = buildSite(options, signal);
  const control = stack.use(await openControl({ dataDirectory, databaseUrl, environment }));
  const { database, clock, random } = control;
  signal.throwIfAborted();

  const isLoopback = isLoopbackAddress(host);
  const administrator = await withSignInTables(database.tables).selectFrom('user').select('id').limit(1).executeTakeFirst();
  // A server in front makes one on loopback reachable as well.
  const setupToken = administrator === undefined && (!isLoopback || publicUrl !== undefined) ? new SetupToken(random) : undefined;
  const { sessionIdleSeconds = 1800, sessionSeconds = 43_200 } = options;
  const hasher = new PasswordHasher(random);
  const cookieSecret = await sessionSecret(control);
  const auth = createAuth({ database, hasher, random, cookieSecret, idleSeconds: sessionIdleSeconds });
  const limiter = new AttemptLimiter(clock);
  const vaults = stack.use(new LazyVaults());
  const stopping = new AbortController();
  const background = await startBackground(control, { ...options, logger });
  stack.use(background);
  const services: Services = {
    control,
    accounts: new Accounts({ control, hasher, limiter, auth, sessionSeconds, setupToken }),
    vaults,
    making: new Gate(1),
    links: new Links(clock, random),
    clock,
    random,
    version: packageVersion(),
    proposedStorage: process.getuid?.() === 0 && !isCustom(options, environment) ? '/var/backups/holdfast' : join(dataDirectory, 'storage'),
    testTelegram: background.testTelegram,
    stopping: stopping.signal,
  };
  const watcher = { actor: 'Holdfast', requestId: 'storage-watch' };
  const watch = stack.use(
    new StorageWatch(control, {
      look: async (id, looking) => await refreshStorageServer(services, watcher, id, looking),
      onFault: (error) => logger.error({ err: error }, 'looking at storage servers'),
    }),
  );
  const { checkLists = false } = options;
  const app = await buildApp({ services, logger, site: await site, notReady: background.notReady, isLoopback, publicUrl, checkLists });
  stack.defer(async () => {
    stopping.abort();
    await app.close();
  });
  signal.throwIfAborted();
  const port = await listen(app, host, options.port ?? 8484);
  background.begin();
  watch.start();
  const shown = host === '0.0.0.0' || host === '::' || isLoopback ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  const held = stack.move();
  return {
    port,
    url: publicUrl?.origin ?? `http://${shown === 'localhost' && host === '127.0.0.1' ? host : shown}:${port}`,
    setupToken: setupToken?.secret,
    [Symbol.asyncDispose]: async () => await held.disposeAsync(),
  };
}

async function buildSite({ web = defaultWeb, onStep }: ServerOptions, signal: AbortSignal): Promise<WebBuild> {
  if (web === null) return { problem: 'This server was started without a web page.' };
  return await ensureWebBuild(web, () => onStep?.('Building the web page …'), signal);
}

function parsePublicUrl(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  if (url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.pathname === '/') return url;
  throw new CodedError({
    code: 'invalid-argument',
    message: `That is no address of a server: ${JSON.stringify(text)}`,
    hint: 'Write it like https://backup.example.org, without a path.',
  });
}

function isCustom(options: ServerOptions, environment: Readonly<Record<string, string | undefined>>): boolean {
  return options.dataDirectory !== undefined || environment['HOLDFAST_DATA'] !== undefined;
}

function packageVersion(): string {
  return (createRequire(import.meta.url)('../../package.json') as { version: string }).version;
}
