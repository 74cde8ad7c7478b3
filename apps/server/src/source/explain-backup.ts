import { type Caller, control } from '@holdfast/control';
import type { ExplainedSource } from '@holdfast/runner/chain';
import type { Services } from '../http/services.ts';
import { withPatience } from './with-patience.ts';

/** The commands of a backup and of a restore to where it reads; nothing secret is in them. `not-found`; or what failed on the way there. */
export async function explainBackup(
  { control: context }: Services,
  caller: Caller,
  id: string,
  signal: AbortSignal,
): Promise<ExplainedSource> {
  const { config } = await control.backups.get(context, caller, { id });
  const chain = await control.connections.links(context, { chain: config.chain });
  const { explainSource } = await import('@holdfast/runner/chain');
  // No command has the password in it, so none is needed.
  return await withPatience(signal, async (patient) => await explainSource({ chain, source: config.source, password: null }, patient));
}
