import type { RestorePlan, RestoreReport } from '@holdfast/contract';
import { dump, pathBytes, type TreeNode } from '@holdfast/engine';
import { FilePush, type FilePushReport, findFarTools } from '@holdfast/source/files';
import { openLinks } from '../chain/open-links.ts';
import { ExactPaths } from './exact-paths.ts';
import type { LockedVault } from './locked-vault.ts';
import type { RunContext } from './run-context.ts';
import { shownPath } from './shown-path.ts';
import { FarVerification } from './verify-far-files.ts';

export interface FarRestore {
  readonly vault: LockedVault;
  /** ID of the snapshot's tree. */
  readonly tree: string;
  /** Those of the plan that the snapshot has; none: everything. */
  readonly paths: readonly string[];
}

/** Restores files to the end of the plan's chain: what is to be written goes there as tar, and is read back from there. */
export async function restoreThroughChain(
  plan: RestorePlan,
  report: RestoreReport,
  context: RunContext,
  { vault, tree, paths }: FarRestore,
): Promise<void> {
  const { teller, items } = context;
  const { signal, repository } = vault;
  teller.advance({ step: 'Connecting to the target' });
  await using host = await openLinks(plan.chain, { signal });
  teller.log('info', `Reached ${host.description}`);
  const tools = await findFarTools(host, { signal });
  const target = pathBytes(plan.target);
  const places = paths.length === 0 ? undefined : paths.map((path) => pathBytes(path.replace(/^\/+/, '')));
  const files = await FilePush.open(host, { tools, target, places, overwrite: plan.overwrite, dryRun: plan.dryRun, signal });
  const verification = plan.verify && !plan.dryRun ? new FarVerification(host, { tools, target, index: repository.index }) : undefined;
  const chosen = new ExactPaths(paths.length === 0 ? ['/'] : paths);
  const select = (path: Buffer, node: TreeNode): boolean => {
    const { matched } = chosen.match(Buffer.concat([slash, path]));
    if (!matched || !files.takes(path, node)) return false;
    verification?.expect(path, node);
    return true;
  };
  let result: FilePushReport | undefined;
  for (const directory of parentsOf(paths)) {
    const archive = await dump(repository, { tree, path: pathBytes(directory), format: files.format, select, signal });
    result = await files.unpack(told(archive.content, context));
  }
  for (const { path, kind, reason } of result?.problems ?? [])
    items.add({ path: `/${shownPath(path)}`, kind: kind === 'content' ? 'unwritable' : kind, reason });
  report.filesRestored = result?.written ?? 0;
  report.filesKept = result?.left ?? 0;
  report.filesPlanned = report.filesRestored + report.filesKept;
  report.bytesWritten = result?.writtenBytes ?? 0;
  const lost = files.missingMetadata.map((name) => name.replaceAll('-', ' '));
  teller.log('info', `Restored without these, which do not pass: ${lost.join(', ')}`);
  if (verification === undefined) return;
  teller.advance({ step: 'Reading back what was restored' });
  const damaged = await verification.run(signal);
  for (const { path, reason } of damaged) items.add({ path: `/${shownPath(path)}`, kind: 'damaged', reason });
  report.verified = damaged.length === 0;
}

const slash = Buffer.from('/');

/** The directories that the paths lie in, each once: an archive is made of what is in a directory. */
function parentsOf(paths: readonly string[]): string[] {
  if (paths.length === 0) return ['/'];
  const parents = paths.map((path) => {
    const names = path.split('/').filter((name) => name !== '' && name !== '.');
    return `/${names.slice(0, -1).join('/')}`;
  });
  return [...new Set(parents)];
}

async function* told(archive: AsyncIterable<Uint8Array>, { teller, items }: RunContext): AsyncGenerator<Uint8Array> {
  let bytesDone = 0;
  for await (const bytes of archive) {
    yield bytes;
    bytesDone += bytes.byteLength;
    teller.advance({ step: 'Restoring files', bytesDone, problems: items.count });
  }
}
