/**
 * The patterns of an exclude or include file as restic reads them: a line each, white space around cut off, empty lines and those that begin
 * with `#` passed over, `$NAME` and `${NAME}` replaced from the environment, `$$` for a dollar.
 */
export function parsePatternFile(text: string, environment: Readonly<Record<string, string | undefined>>): string[] {
  return text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) =>
      line.replace(/\$(?:\$|\{([^}]*)\}|(\w+))/g, (whole, braced?: string, plain?: string) =>
        whole === '$$' ? '$' : (environment[braced ?? plain ?? ''] ?? ''),
      ),
    );
}
