import type { Source } from '@holdfast/contract';

export const drivers = [
  'files',
  'docker-volume',
  'postgres',
  'mysql',
  'mongodb',
  'redis',
  'sqlite',
  'command',
] as const satisfies Source['driver'][];

/** What a source of that driver begins as. */
export function newSource(driver: Source['driver']): Source {
  const databases = { databases: 'all', excludeDatabases: [] } as const;
  switch (driver) {
    case 'files':
      return { driver, paths: [''], excludes: [], excludeCaches: true, oneFileSystem: false, excludeLargerThanBytes: null };
    case 'docker-volume': {
      const rules = { excludes: [], excludeCaches: false, oneFileSystem: false, excludeLargerThanBytes: null };
      return { driver, volumes: [], program: 'docker', containers: 'run', ...rules };
    }
    case 'postgres':
      return { driver, ...databases, excludeDatabases: [], roles: true, format: 'custom', maintenanceDatabase: 'postgres', concurrency: 2 };
    case 'mysql':
      return { driver, ...databases, excludeDatabases: [], concurrency: 2 };
    case 'mongodb':
      return { driver, databases: 'all', authenticationDatabase: 'admin', oplog: false };
    case 'redis':
      return { driver };
    case 'sqlite':
      return { driver, paths: [''], method: 'backup' };
    case 'command':
      return { driver, argv: [], fileName: '', expectedExitCodes: [0], mayBeEmpty: false };
  }
}

/** As the server shall get it: without the lines that nobody filled in. */
export function cleanSource(source: Source): Source {
  switch (source.driver) {
    case 'files':
      return { ...source, paths: filled(source.paths), excludes: source.excludes.filter((pattern) => pattern.trim() !== '') };
    case 'docker-volume':
      return { ...source, volumes: filled(source.volumes), excludes: source.excludes.filter((pattern) => pattern.trim() !== '') };
    case 'sqlite':
      return { ...source, paths: filled(source.paths) };
    case 'command': {
      const { restoreArgv, ...rest } = source;
      const back = withoutEnd(restoreArgv ?? []);
      return { ...rest, argv: withoutEnd(source.argv), ...(back.length === 0 ? {} : { restoreArgv: back }) };
    }
    default:
      return source;
  }
}

/** With a text, or without that setting where the text is empty. */
export function withText<Options extends object>(options: Options, field: keyof Options, text: string): Options {
  const { [field]: _before, ...rest } = options;
  return (text === '' ? rest : { ...rest, [field]: text }) as Options;
}

function filled(lines: readonly string[]): string[] {
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}

/** An argument may be empty; the lines that follow the last one are none. */
function withoutEnd(lines: readonly string[]): string[] {
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1);
}
