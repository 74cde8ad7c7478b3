import { apiPath, routes } from 'virtual:holdfast-routes';
import type { ApiClient } from '@holdfast/contract';
import { createORPCClient } from '@orpc/client';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import { createTanstackQueryUtils } from '@orpc/tanstack-query';

const link = new OpenAPILink(routes, {
  url: () => new URL(apiPath, window.location.origin),
  fetch: (request, init) => globalThis.fetch(request, { ...init, credentials: 'same-origin' }),
});

/** Calls the server. Errors are what problemOf understands. */
export const client: ApiClient = createORPCClient(link);

/** The same routes as queries and mutations. */
export const orpc = createTanstackQueryUtils(client);
