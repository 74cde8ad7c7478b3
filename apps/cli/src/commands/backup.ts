import { BackupWorkers } from '@holdfast/engine/backup-workers';
import type { Command } from 'commander';
import type { CommandModule } from '../program.ts';
import { collect } from '../repository-flags.ts';
import type { RunContext } from '../run-context.ts';

export interface BackupFlags {
  readonly alsoRepo?: string[];
  readonly alsoPasswordFile?: string[];
  readonly tag?: string[];
  readonly host?: string;
  readonly exclude?: string[];
  readonly iexclude?: string[];
  readonly excludeFile?: string[];
  readonly iexcludeFile?: string[];
  readonly excludeCaches?: boolean;
  readonly excludeIfPresent?: string[];
  readonly excludeLargerThan?: string;
  readonly oneFileSystem?: boolean;
  readonly filesFrom?: string[];
  readonly filesFromVerbatim?: string[];
  readonly filesFromRaw?: string[];
  readonly parent?: string;
  readonly force?: boolean;
  readonly ignoreInode?: boolean;
  readonly ignoreCtime?: boolean;
  readonly withAtime?: boolean;
  readonly time?: string;
  readonly dryRun?: boolean;
  readonly skipIfUnchanged?: boolean;
  readonly stdin?: boolean;
  readonly stdinFilename?: string;
  readonly groupBy: string;
  /** False with --no-scan. */
  readonly scan?: boolean;
}

export const define: CommandModule['define'] = (command: Command, run) => {
  command
    .argument('[paths...]', 'files and directories')
    .option('--also-repo <repository>', 'store in this repository too, in the same run (may be given again)', collect)
    .option('--also-password-file <file>', 'its password, if it is another one (once for each --also-repo)', collect)
    .option('--tag <tags>', 'tags for the snapshot, separated by commas (may be given again)', collect)
    .option('-H, --host <host>', 'host name for the snapshot')
    .option('-e, --exclude <pattern>', 'leave out what matches (may be given again)', collect)
    .option('--iexclude <pattern>', 'the same without regard to case', collect)
    .option('--exclude-file <file>', 'read patterns from a file (may be given again)', collect)
    .option('--iexclude-file <file>', 'the same without regard to case', collect)
    .option('--exclude-caches', 'leave out the content of directories marked by a CACHEDIR.TAG')
    .option('--exclude-if-present <file[:header]>', 'leave out the content of directories that hold this file', collect)
    .option('--exclude-larger-than <size>', 'leave out larger files')
    .option('-x, --one-file-system', 'stay on the file systems of the targets')
    .option('--files-from <file>', 'read targets from a file, with wildcards', collect)
    .option('--files-from-verbatim <file>', 'read targets from a file, a line each', collect)
    .option('--files-from-raw <file>', 'read targets from a file, each ended by a NUL', collect)
    .option('--parent <snapshot>', 'compare with this snapshot')
    .option('-f, --force', 'read every file')
    .option('--ignore-inode', 'a new inode number does not make a file changed')
    .option('--ignore-ctime', 'a new change time does not make a file changed')
    .option('--with-atime', 'store access times')
    .option('--time <time>', 'time of the snapshot, as 2006-01-02 15:04:05')
    .option('-n, --dry-run', 'store nothing, say what would be')
    .option('--skip-if-unchanged', 'make no snapshot if nothing has changed')
    .option('--stdin', 'store standard input as a file')
    .option('--stdin-filename <name>', 'name of that file', 'stdin')
    .option('-g, --group-by <group>', 'what the snapshot to compare with must have in common', 'host,paths')
    .option('--read-concurrency <n>', 'accepted for the sake of scripts')
    .option('--no-scan', 'do not count the source for the progress');
  run(start);
};

async function start(context: RunContext, paths: string[], flags: BackupFlags): Promise<void> {
  await using workers = new BackupWorkers(); // they load what they need beside this thread, and derive the key
  const { runBackup } = await import('../run-backup.ts');
  await runBackup(context, paths, flags, workers);
}
