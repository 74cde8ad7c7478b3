/** The fields of an answer to INFO. */
export function redisInfo(answer: string): ReadonlyMap<string, string> {
  const lines = answer.split(/\r?\n/).filter((line) => line.includes(':') && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)] as const));
}
