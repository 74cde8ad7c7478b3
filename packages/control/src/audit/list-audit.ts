import type { AuditEntry } from '@holdfast/contract';
import type { Caller, ControlContext } from '../control-context.ts';
import { type Page, toPage } from '../page.ts';

export interface PageInput {
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Who did what, the newest first. */
export async function listAudit({ database }: ControlContext, _caller: Caller, { after, limit }: PageInput): Promise<Page<AuditEntry>> {
  let query = database.tables
    .selectFrom('audit')
    .select(['id', 'at_ms', 'actor', 'verb', 'object', 'details'])
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (after !== undefined) query = query.where('id', '<', after);
  const toEntry = ({ at_ms, ...row }: Awaited<ReturnType<typeof query.execute>>[number]): AuditEntry => ({ ...row, atMs: at_ms });
  return toPage(await query.execute(), limit, toEntry, ({ id }) => id);
}
