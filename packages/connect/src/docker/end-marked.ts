/**
 * Sends signal $2 to every process that has $1 in its environment, and to everything that these have started; or, where $3 is a process, to that
 * one and its descendants, if it belongs to the container $4. Exit code 3: there is none. A constant for any POSIX shell with `cat`.
 */
export const endMarked = `m=$1 s=$2 all=' '
if [ -n "$3" ]; then
  case $(cat "/proc/$3/cgroup" 2>/dev/null) in *"$4"*) all=" $3 " ;; esac
else
  for p in /proc/[0-9]*; do
    case $(cat "$p/environ" 2>/dev/null) in *"$m"*) all="$all\${p#/proc/} " ;; esac
  done
fi
[ "$all" = ' ' ] && exit 3
more=1
while [ "$more" = 1 ]; do
  more=0
  for p in /proc/[0-9]*; do
    q=\${p#/proc/}
    case $all in *" $q "*) continue ;; esac
    parent=
    while read -r name value rest; do
      if [ "$name" = PPid: ]; then parent=$value; break; fi
    done 2>/dev/null <"$p/status"
    case $all in *" \${parent:-none} "*) all="$all$q "; more=1 ;; esac
  done
done 2>/dev/null
for q in $all; do kill -s "$s" "$q" 2>/dev/null; done
exit 0`;

/** Variable in the environment of a command in a container, by which it and its children are found again. */
export const markName = 'HOLDFAST_COMMAND';

/** The words that signal what carries the mark, to be run inside of the container. Signal 0 only looks. */
export function endMarkedWords(mark: string, signal: '0' | 'PIPE' | 'TERM' | 'KILL'): readonly string[] {
  return ['sh', '-c', endMarked, 'sh', `${markName}=${mark}`, signal, '', ''];
}

/** The same on the engine's own machine, for a container without a shell: by the process number that the engine knows. */
export function endOnEngineHostWords(pid: number, containerId: string, signal: '0' | 'PIPE' | 'TERM' | 'KILL'): readonly string[] {
  return ['sh', '-c', endMarked, 'sh', '', signal, String(pid), containerId];
}
