import { candidateLinks } from './chain-links.ts';
import { createConnection } from './create-connection.ts';
import { getConnection, listConnections } from './list-connections.ts';
import { removeConnection } from './remove-connection.ts';
import { updateConnection } from './update-connection.ts';

/** The verbs of the noun `connections`. */
export const connections = {
  list: listConnections,
  get: getConnection,
  create: createConnection,
  update: updateConnection,
  remove: removeConnection,
  links: candidateLinks,
} as const;
