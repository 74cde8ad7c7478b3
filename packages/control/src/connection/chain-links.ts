import { type ChainLink, ConnectionOptions } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import type { ControlContext } from '../control-context.ts';
import { notFound } from '../refusals.ts';
import { changeSecrets, openSecrets, type SecretChanges } from './connection-secrets.ts';

/** A link that is to be tried and is not kept, or is kept with other settings. */
export interface CandidateLink {
  /** Of the connection whose secrets count where none are given. */
  readonly id?: string | undefined;
  readonly options: ConnectionOptions;
  readonly secrets: SecretChanges;
}

/**
 * The links of a chain with their secrets opened: for a plan, or for trying it, and written nowhere. `not-found` if one of the connections was
 * removed, `secret-unreadable` if its secrets do not open.
 */
export async function chainLinks(context: ControlContext, connectionIds: readonly string[]): Promise<ChainLink[]> {
  if (connectionIds.length === 0) return [];
  const rows = await context.database.tables
    .selectFrom('connection')
    .select(['id', 'name', 'options', 'secrets'])
    .where('id', 'in', [...new Set(connectionIds)])
    .execute();
  return connectionIds.map((id) => {
    const row = rows.find((each) => each.id === id);
    if (row === undefined) {
      throw new CodedError({
        code: 'not-found',
        message: `There is no connection ${id}`,
        hint: 'It was removed. Choose another one for the chain.',
      });
    }
    return {
      connectionId: id,
      name: row.name,
      options: ConnectionOptions.parse(JSON.parse(row.options)),
      secrets: openSecrets(context, row),
    };
  });
}

/** The links of the connections, and the candidate behind them. Errors as `chainLinks`. */
export async function candidateLinks(
  context: ControlContext,
  { chain, candidate }: { readonly chain: readonly string[]; readonly candidate?: CandidateLink | undefined },
): Promise<ChainLink[]> {
  const links = await chainLinks(context, chain);
  if (candidate === undefined) return links;
  const { id, options, secrets } = candidate;
  const [known] = id === undefined ? [] : await chainLinks(context, [id]);
  if (id !== undefined && known === undefined) throw notFound('connection', id);
  return [...links, { connectionId: id ?? '', name: known?.name ?? 'new', options, secrets: changeSecrets(known?.secrets ?? {}, secrets) }];
}
