import type { S3Client } from '@aws-sdk/client-s3';
import type { SeenAnswer } from './s3-failure.ts';
import { type S3Options, s3Endpoint, usesPathStyle } from './s3-options.ts';

export type Sdk = typeof import('@aws-sdk/client-s3');

/** One call of the library: what it sends on top, and what came back, also where the library could not read it. */
export interface S3Call {
  readonly headers: Readonly<Record<string, string>>;
  seen?: SeenAnswer;
}

export interface OpenClient {
  readonly sdk: Sdk;
  readonly client: S3Client;
  /** Binds the command to the call that it is made for. */
  bind<Command extends { readonly input: object }>(command: Command, call: S3Call): Command;
}

export interface ClientSettings {
  /** How often a request that failed in passing is made, by the library itself. */
  readonly attempts: number;
}

/** More sockets than requests at once, so that what must not wait (the refresh of a lock) does not wait behind packs. */
const spareSockets = 8;
const callKey = 'holdfastCall';

/** Loads the library, which is large, and makes a client of it that reads no settings but these. */
export async function openClient(options: S3Options, { attempts }: ClientSettings): Promise<OpenClient> {
  const sdk = await import('@aws-sdk/client-s3');
  const { accessKeyId, secretAccessKey, sessionToken, certificateAuthority } = options;
  const agent = { keepAlive: true, maxSockets: options.connections + spareSockets };
  const client = new sdk.S3Client({
    endpoint: s3Endpoint(options),
    region: options.region,
    forcePathStyle: usesPathStyle(options),
    credentials: {
      accessKeyId,
      secretAccessKey: secretAccessKey.reveal(),
      ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }),
    },
    // Other servers than Amazon's store the framing of the newer checksums as content, or refuse it.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: attempts,
    retryMode: 'standard',
    defaultsMode: 'standard',
    requestHandler: {
      connectionTimeout: options.connectTimeoutMs,
      socketTimeout: options.idleTimeoutMs,
      httpAgent: agent,
      httpsAgent: certificateAuthority === undefined ? agent : { ...agent, ca: certificateAuthority },
    },
    expectContinueHeader: false,
    followRegionRedirects: false,
    // What would else be looked for in files and the environment.
    useArnRegion: false,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    disableMultiregionAccessPoints: true,
    disableS3ExpressSessionAuth: true,
    userAgentAppId: 'holdfast',
    logger: silent,
  });
  const calls = new WeakMap<object, S3Call>();
  client.middlewareStack.add(
    (next, context) => async (args) => {
      (context as Record<string, unknown>)[callKey] = calls.get(args.input);
      return await next(args);
    },
    { step: 'initialize', name: 'holdfastBind' },
  );
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const request = args.request as { headers: Record<string, string> };
      Object.assign(request.headers, callOf(context)?.headers);
      return await next(args);
    },
    { step: 'build', name: 'holdfastHeaders' },
  );
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const result = await next(args);
      const { statusCode, headers } = result.response as { statusCode: number; headers: Record<string, string> };
      const call = callOf(context);
      if (call !== undefined) call.seen = { status: statusCode, headers };
      return result;
    },
    // Nearest to the wire: it sees answers that the library then cannot read.
    { step: 'deserialize', priority: 'low', name: 'holdfastSeen' },
  );
  const bind: OpenClient['bind'] = (command, call) => {
    calls.set(command.input, call);
    return command;
  };
  return { sdk, client, bind };
}

/** What is wrong is in the errors; the library's own warnings would go to the console. */
const silent = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };

function nothing(): void {
  // said nowhere
}

function callOf(context: object): S3Call | undefined {
  return (context as Record<string, unknown>)[callKey] as S3Call | undefined;
}
