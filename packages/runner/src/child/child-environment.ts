const allowed = ['PATH', 'HOME', 'TZ', 'LANG', 'NODE_COMPILE_CACHE'] as const;

/**
 * The environment of the process of a run: made from nothing, with what is named here and no more (F25). A password or a repository that
 * this process was given by its environment must not reach a run that is about another one.
 */
export function childEnvironment(own: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of allowed) {
    const value = own[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
