import { asciiLine } from '../ascii-line.ts';
import { commandWords, limitLine } from '../nested-command.ts';
import type { Command } from '../port.ts';
import { concatenate, quoteAll } from '../quote.ts';

/**
 * Ends the process group of the far command: the shell that runs the script is its leader, since sshd gave it a session of its own. Asked more than
 * once, because the command may only just begin.
 */
const end = 'for i in 1 2 3; do kill -TERM "-$$"; sleep 1; done; kill -KILL "-$$"';

/**
 * Runs "$@" on the far side. A constant of one line without apostrophes and backslashes, so that any login shell passes it on as it is.
 *
 * - It says on standard error who it is and, at the end, how the command ended, each behind a mark that nobody can know before. Only so can the
 *   command's own exit code 255 be told from ssh's, and a signal from nothing at all; ssh sends neither over a shared connection.
 * - It says the mark on standard output too, for what login scripts may have written there.
 * - A watcher ends the command when the connection is gone: `held`: when standard input, which stays open and silent, ends; `fed`: where that is
 *   the command's, when sshd, its parent, is gone.
 * - TERM, which the watcher sends to the whole group, does not keep the script itself from saying how the command ended.
 * - (exec …): a program, never a word that the shell would take for its own.
 */
const script = [
  'n=$1 m=$2; shift 2; trap : HUP INT TERM; exec 3<&0',
  `if [ "$m" = held ]; then (trap "" HUP INT TERM; exec >/dev/null 2>&1; read -r x; ${end}) <&3 3<&- & w=$!`,
  `else (trap "" HUP INT TERM; exec >/dev/null 2>&1; kill -0 "$PPID" || exit; while kill -0 "$PPID"; do sleep 2; done; ${end}) </dev/null 3<&- & w=$!; fi`,
  'echo "$n:s:$$" >&2; echo "$n"',
  'if [ "$m" = held ]; then (exec "$@") </dev/null 3<&-; else (exec "$@") 3<&-; fi; c=$?',
  '{ kill -KILL "$w"; wait "$w"; } >/dev/null 2>&1',
  's=; [ "$c" -gt 128 ] && s=$(kill -l "$((c-128))" 2>/dev/null); echo "$n:e:$c:$s" >&2; exit "$c"',
].join('; ');

/** `held`: the command reads nothing, and the connection's standard input stays open for as long as it may run. `fed`: it is the command's. */
export type FarInput = 'held' | 'fed';

/** The line for the account's login shell. Marks are hex digits. */
export function farLine(command: Command, mark: string, input: FarInput): string {
  const words = quoteAll(['sh', '-c', script, 'holdfast', mark, input, ...commandWords(command)]);
  return asciiLine(limitLine(concatenate([new TextEncoder().encode('exec '), words])));
}

/** The line that ends a command whose script said that it is that process, over another session. Ends when it is gone. */
export function endFarLine(process: number): string {
  const group = `-${process}`;
  return `exec sh -c 'for i in 1 2 3; do kill -TERM ${group} || exit 0; sleep 1; done; kill -KILL ${group}'`;
}
