import { listAudit } from '../audit/list-audit.ts';
import { getOverview } from './get-overview.ts';

/** The verbs of the noun `overview` that need the database only. */
export const overview = { get: getOverview, audit: listAudit } as const;
