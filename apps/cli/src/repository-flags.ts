import { type Command, InvalidArgumentError, Option } from 'commander';
import { addOutputFlags, type OutputFlags } from './output-flags.ts';

/** The options that every command on a repository takes. */
export interface RepositoryFlags extends OutputFlags {
  readonly repo?: string;
  readonly repositoryFile?: string;
  readonly passwordFile?: string;
  readonly passwordCommand?: string;
  readonly insecureNoPassword?: boolean;
  readonly keyHint?: string;
  /** False with --no-lock. */
  readonly lock?: boolean;
  readonly retryLock?: string;
  readonly compression?: string;
  readonly packSize?: number;
  readonly limitUpload?: number;
  readonly limitDownload?: number;
}

/** Adds them. They may stand before or after the verb. */
export function addRepositoryFlags(command: Command): Command {
  const withPlace = command
    .option('-r, --repo <repository>', 'place of the repository (or HOLDFAST_REPOSITORY)')
    .option('--repository-file <file>', 'file that holds the place (or HOLDFAST_REPOSITORY_FILE)')
    .option('-p, --password-file <file>', 'file that holds the password (or HOLDFAST_PASSWORD_FILE)')
    .option('--password-command <command>', 'command that prints the password (or HOLDFAST_PASSWORD_COMMAND)')
    .option('--insecure-no-password', 'use an empty password')
    .option('--key-hint <key>', 'ID of the key to try first');
  return addOutputFlags(withPlace)
    .option('--no-lock', 'do not lock the repository (only where nothing is written)')
    .option('--retry-lock <duration>', 'how long to wait for a lock of others, like 30s or 5m')
    .option('--compression <mode>', 'off, fastest, auto, better, max or a level of zstd from 1 to 22')
    .option('--pack-size <MiB>', 'target size of packs', wholeNumber(4, 128))
    .option('--limit-upload <KiB/s>', 'limit of the upload rate', wholeNumber(1, 2 ** 40))
    .option('--limit-download <KiB/s>', 'limit of the download rate', wholeNumber(1, 2 ** 40))
    .addOption(new Option('--no-cache', 'accepted for the sake of scripts; there is no cache').hideHelp())
    .addOption(new Option('--cache-dir <folder>', 'accepted for the sake of scripts; there is no cache').hideHelp());
}

/** Parses a whole number within limits. */
export function wholeNumber(lowest: number, highest: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^-?\d+$/.test(text.trim()) && value >= lowest && value <= highest) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${lowest} to ${highest}.`);
  };
}

/** Collects the values of an option that may be given several times. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}
