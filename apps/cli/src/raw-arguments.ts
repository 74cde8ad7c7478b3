import { readFileSync } from 'node:fs';
import { pathText } from '@holdfast/engine/path-text';

/**
 * The last `argv.length` arguments of this process as they were given. Node reads arguments as UTF-8 and loses the bytes that are none; in
 * the paths of this text they are still there, for `pathBytes` to find. Where the system does not tell (only Linux does), `argv` itself.
 */
export function rawArguments(argv: readonly string[]): string[] {
  if (process.platform !== 'linux' || !argv.some((argument) => argument.includes('\ufffd'))) return [...argv];
  const line = readFileSync('/proc/self/cmdline', 'latin1').replace(/\0$/, '');
  return line
    .split('\0')
    .slice(-argv.length)
    .map((argument) => pathText(Buffer.from(argument, 'latin1')));
}
