/** A setting of repository commands from the environment: HOLDFAST_… or, where that is unset, RESTIC_…. Empty counts as unset. */
export function environment(name: string): string | undefined {
  return managerSetting(name) ?? fromEnvironment(`RESTIC_${name}`);
}

/** A setting of the manager: HOLDFAST_… alone, for what restic calls by such a name (RESTIC_HOST) is something else. Empty counts as unset. */
export function managerSetting(name: string): string | undefined {
  return fromEnvironment(`HOLDFAST_${name}`);
}

function fromEnvironment(variable: string): string | undefined {
  const value = process.env[variable];
  return value === '' ? undefined : value;
}
