import type { Source, SourceFindings } from '@holdfast/contract';
import { control, sourcePasswordOf } from '@holdfast/control';
import type { Services } from '../http/services.ts';
import { withPatience } from './with-patience.ts';

export interface ProbeInput {
  /** The backup whose password counts where none is given. */
  readonly id?: string | undefined;
  readonly chain: readonly string[];
  readonly source: Source;
  readonly sourcePassword?: string | null | undefined;
}

/** Looks what a source has that is perhaps not kept yet. Rejects with the link or the server that failed. */
export async function probe({ control: context }: Services, input: ProbeInput, signal: AbortSignal): Promise<SourceFindings> {
  const chain = await control.connections.links(context, input);
  const password = input.sourcePassword === undefined ? await sourcePasswordOf(context, input.id) : input.sourcePassword;
  const { probeSource } = await import('@holdfast/runner/chain');
  return await withPatience(signal, async (patient) => await probeSource({ chain, source: input.source, password }, patient));
}
