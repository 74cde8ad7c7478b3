/** Who runs, where programs and home are, which language and time: nothing else of this process is a command's business. */
const inherited = /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR)$/;

/** What a program started by Holdfast inherits of the environment: above all no variable that holds a secret or changes what a tool does. */
export function childEnvironment(own: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined && inherited.test(entry[0])),
  );
}
