import { type DatabaseChoice, type DatabaseSelection, selectDatabases } from '../select-databases.ts';
import type { ServerFacts } from './database-facts.ts';

/** `all` are the databases that are no templates and take connections. */
export function selectPostgresDatabases(facts: ServerFacts, choice: DatabaseChoice): DatabaseSelection {
  const usual = facts.databases.filter(({ isTemplate, allowsConnections }) => !isTemplate && allowsConnections);
  return selectDatabases(
    choice,
    usual.map(({ name }) => name),
    facts.databases.map(({ name }) => name),
  );
}
