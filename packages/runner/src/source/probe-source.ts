import type { Host } from '@holdfast/connect/port';
import type { ChainLink, Source, SourceFindings } from '@holdfast/contract';
import { absolutePath, pathBytes } from '@holdfast/engine';
import { systemClock, systemRandom } from '@holdfast/kernel';
import { findVolumes } from '@holdfast/source/docker-volume';
import { FileSource, type ListedItem } from '@holdfast/source/files';
import { openLinks } from '../chain/open-links.ts';
import { shownPath } from '../plan/shown-path.ts';
import { makeDriver } from './make-driver.ts';
import { volumeOptions } from './open-volumes.ts';

/** A source and the way to it, with what it takes to sign in. */
export interface ReachableSource {
  readonly chain: readonly ChainLink[];
  readonly source: Source;
  readonly password: string | null;
}

/** Goes to a source and looks what is there, reading no content. Rejects when nobody can tell, with the link or the server that failed. */
export async function probeSource({ chain, source, password }: ReachableSource, signal: AbortSignal): Promise<SourceFindings> {
  await using host = await openLinks(chain, { signal });
  if (source.driver === 'files') return await probeFiles(host, source.paths, signal);
  if (source.driver === 'docker-volume') {
    const volumes = await findVolumes(host, volumeOptions(source), { signal });
    return await probeFiles(
      host,
      volumes.map(({ path }) => path),
      signal,
    );
  }
  const driver = makeDriver(source, password, { clock: systemClock, random: systemRandom });
  const { server, tools, contents, problems } = await driver.probe(host, { signal });
  return {
    place: host.description,
    server: server ?? null,
    tools: tools.map(({ name, version }) => ({ name, version })),
    contents: contents.map(({ name, sizeBytes, selected }) => ({ name, sizeBytes: sizeBytes ?? null, selected })),
    problems: problems.map(({ blocking, code, message, hint }) => ({ blocking, code, message, hint })),
    missing: [],
  };
}

/** Whether the paths are there: the first that a listing says of each. */
async function probeFiles(host: Host, paths: readonly string[], signal: AbortSignal): Promise<SourceFindings> {
  const files = await FileSource.open(host, { signal });
  const contents: SourceFindings['contents'] = [];
  const problems: SourceFindings['problems'] = [];
  for (const path of new Set(paths.map((each) => absolutePath(pathBytes(each))))) {
    const found = await firstOf(files, pathBytes(path), signal);
    const name = shownPath(pathBytes(path));
    if (found?.kind === 'entry') {
      const { type, sizeBytes } = found.entry;
      contents.push({ name, sizeBytes: type === 'file' ? sizeBytes : null, selected: true });
    } else {
      const message = found === undefined ? `${name} is not there` : `${name}: ${found.problem.reason}`;
      problems.push({
        blocking: true,
        code: 'source-not-found',
        message,
        hint: 'See whether the path is right, and whether that account may read it.',
      });
    }
  }
  const programs = files.tools === undefined ? [] : [`${files.tools.listing} listing`, `${files.tools.packing} packing`];
  const tools = [{ name: files.way, version: programs.join(', ') }];
  return { place: host.description, server: null, tools, contents, problems, missing: [...files.missingMetadata] };
}

async function firstOf(files: FileSource, path: Uint8Array, signal: AbortSignal): Promise<ListedItem | undefined> {
  for await (const item of files.list([path], { oneFileSystem: true, signal })) {
    if (item.kind === 'problem' || !item.onTheWay) return item;
  }
  return undefined;
}
