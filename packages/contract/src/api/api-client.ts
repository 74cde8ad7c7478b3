import { type ContractRouterClient, minifyContractRouter } from '@orpc/contract';
import { api } from './api.ts';

/** The API as a caller sees it: one function for each route. */
export type ApiClient = ContractRouterClient<typeof api>;

/** Methods and paths of all routes without their schemas: all that a client needs that leaves checking to the server. It is plain JSON. */
export function apiRoutes(): typeof api {
  return minifyContractRouter(api) as typeof api;
}
