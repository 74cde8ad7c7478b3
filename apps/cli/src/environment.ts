/** A setting from the environment: HOLDFAST_… or, where that is unset, RESTIC_…. Empty counts as unset. */
export function environment(name: string): string | undefined {
  for (const prefix of ['HOLDFAST_', 'RESTIC_']) {
    const value = process.env[prefix + name];
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}
