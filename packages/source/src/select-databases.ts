import { nothingThere, notThere } from './source-errors.ts';

export interface DatabaseChoice {
  readonly databases: 'all' | readonly string[];
  readonly excludeDatabases: readonly string[];
}

export interface DatabaseSelection {
  readonly taken: readonly string[];
  /** Those that were chosen by name and are not there. */
  readonly missing: readonly string[];
}

/** `usual`: what `all` means. `there`: what may be chosen by name. */
export function selectDatabases(choice: DatabaseChoice, usual: readonly string[], there = usual): DatabaseSelection {
  if (choice.databases === 'all') return { taken: usual.filter((name) => !choice.excludeDatabases.includes(name)), missing: [] };
  const chosen = Array.from(new Set(choice.databases));
  return { taken: chosen.filter((name) => there.includes(name)), missing: chosen.filter((name) => !there.includes(name)) };
}

/** What was selected, unless something of it is missing or nothing is left: `source-not-found`, so that no backup becomes an empty one. */
export function requireAll({ taken, missing }: DatabaseSelection, server: string): readonly string[] {
  if (missing.length > 0) throw notThere('database', missing, `on ${server}`);
  if (taken.length === 0) throw nothingThere(server);
  return taken;
}
