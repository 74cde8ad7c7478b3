import { ApiToken } from '@holdfast/contract';
import type { ApiTokenTable } from '../database/schema.ts';

/** A token as its owner sees it: without what would let somebody in. */
export function toApiToken(row: ApiTokenTable): ApiToken {
  return {
    id: row.id,
    name: row.name,
    scope: ApiToken.shape.scope.parse(row.scope),
    createdMs: row.created_ms,
    expiresMs: row.expires_ms,
    lastUsedMs: row.last_used_ms,
  };
}
