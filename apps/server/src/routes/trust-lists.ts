import { type AnyProcedure, Procedure } from '@orpc/server';
import type { router } from './router.ts';

type Router = typeof router;

/**
 * The same routes, of which those that answer with long lists do not have each answer compared with the contract: for a thousand backups that
 * takes longer than to make it. Their answers are made field by field from what was checked when it was read from the database; tests compare
 * them with the contract. Inputs are checked as before.
 */
export function trustLists(routes: Router): Router {
  const { overview, backups, runs, snapshots, storageServers } = routes;
  return {
    ...routes,
    overview: { ...overview, get: trusted(overview.get) },
    backups: { ...backups, list: trusted(backups.list) },
    runs: { ...runs, list: trusted(runs.list) },
    snapshots: { ...snapshots, list: trusted(snapshots.list) },
    storageServers: { ...storageServers, list: trusted(storageServers.list) },
  };
}

function trusted<Route extends AnyProcedure>(route: Route): Route {
  const { outputSchema: _, ...rest } = route['~orpc'];
  return new Procedure(rest) as AnyProcedure as Route;
}
