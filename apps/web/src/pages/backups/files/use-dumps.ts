import type { DumpSource, StoredSnapshot } from '@holdfast/contract';
import { useQuery } from '@tanstack/react-query';
import { client, orpc } from '../../../api/client.ts';

/** Something in a snapshot of dumps that can be restored under another name. */
export interface StoredDump {
  /** As the server is told it: name of a database, or path of a file. */
  readonly name: string;
}

const most = 1_000;

/** What a snapshot of dumps holds, by the names that a restore can change. */
export function useDumps(snapshot: StoredSnapshot, driver: DumpSource['driver'], enabled: boolean) {
  return useQuery({
    queryKey: orpc.snapshots.entries.key({ input: { id: snapshot.id, path: `/${driver} dumps` } }),
    queryFn: ({ signal }) => listDumps(snapshot.id, driver, signal),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    enabled,
  });
}

async function listDumps(id: string, driver: DumpSource['driver'], signal: AbortSignal): Promise<StoredDump[]> {
  const listing = async (path: string) => (await client.snapshots.entries({ id, path }, { signal })).entries;
  const place = `/${driver}`;
  switch (driver) {
    case 'postgres':
    case 'mysql':
    case 'mongodb': {
      const top = await listing(place);
      if (!top.some(({ name, type }) => name === 'databases' && type === 'dir')) return [];
      return (await listing(`${place}/databases`)).map(({ name }) => ({ name: databaseOf(name) }));
    }
    case 'redis':
      return [{ name: 'dump.rdb' }];
    case 'command':
      return [];
    case 'sqlite': {
      const found: StoredDump[] = [];
      const waiting = [place];
      for (let path = waiting.pop(); path !== undefined && found.length < most; path = waiting.pop())
        for (const entry of await listing(path)) {
          if (entry.type === 'dir') waiting.push(entry.path);
          else found.push({ name: entry.path.slice(place.length) });
        }
      return found;
    }
  }
}

/** The database that a dump is of: what cannot be in a file name is `%` and two digits there. */
function databaseOf(fileName: string): string {
  const bare = fileName.replace(/\.[a-z]+$/, '');
  return bare.replaceAll(/%([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
