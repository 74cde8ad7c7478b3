import { type ApiClient, apiPath, apiRoutes } from '@holdfast/contract';
import { CodedError, type ErrorCode, errorCodes } from '@holdfast/kernel';
import { createORPCClient, ORPCError } from '@orpc/client';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import type { Command } from 'commander';
import { managerSetting } from './environment.ts';
import { passwordFromFile } from './read-password.ts';
import { usageError } from './run-context.ts';

export interface ServerFlags {
  readonly server?: string;
  readonly tokenFile?: string;
}

/** The options of a command that asks a running Holdfast. The token is never an argument: other users could read it. */
export function addServerFlags(command: Command): Command {
  return command
    .option('--server <url>', 'the Holdfast to ask; default $HOLDFAST_SERVER or http://127.0.0.1:8484')
    .option('--token-file <file>', 'file that holds an API token; default $HOLDFAST_TOKEN_FILE, or the token itself in $HOLDFAST_TOKEN');
}

/** The API of a running Holdfast. What it answers with as an error is thrown as a CodedError of the same code. */
export function openApi(flags: ServerFlags, signal: AbortSignal): ApiClient {
  const server = (flags.server ?? managerSetting('SERVER') ?? 'http://127.0.0.1:8484').replace(/\/$/, '');
  const token = readToken(flags);
  const link = new OpenAPILink(apiRoutes(), {
    url: `${server}${apiPath}`,
    headers: { authorization: `Bearer ${token}` },
    fetch: async (request, init) => {
      try {
        return await fetch(request, { ...init, signal: AbortSignal.any([signal, request.signal]) });
      } catch (cause) {
        signal.throwIfAborted();
        throw new CodedError({
          code: 'server-unreachable',
          message: `No Holdfast answers at ${server}`,
          hint: 'Start it with holdfast serve, or name another one with --server.',
          retry: 'temporary',
          cause,
        });
      }
    },
    interceptors: [
      async ({ next }) => {
        try {
          return await next();
        } catch (error) {
          throw toCoded(error);
        }
      },
    ],
  });
  return createORPCClient<ApiClient>(link);
}

function readToken(flags: ServerFlags): string {
  const file = flags.tokenFile ?? managerSetting('TOKEN_FILE');
  const token = file === undefined ? managerSetting('TOKEN') : passwordFromFile(file).reveal();
  if (token !== undefined && token !== '') return token;
  throw usageError(
    'An API token is needed',
    'Make one on the web page (Admin, API tokens), and put it into HOLDFAST_TOKEN or a file named by --token-file.',
  );
}

function toCoded(error: unknown): unknown {
  if (!(error instanceof ORPCError)) return error;
  const data: unknown = error.data;
  const { code, hint } = (typeof data === 'object' && data !== null ? data : {}) as { code?: unknown; hint?: unknown };
  return new CodedError({
    code: typeof code === 'string' && Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'internal',
    message: error.message,
    ...(typeof hint === 'string' ? { hint } : {}),
  });
}
