import type { Source } from '@holdfast/contract';

/** Sources that are servers. */
export type ServerSource = Extract<Source, { driver: 'postgres' | 'mysql' | 'mongodb' | 'redis' }>;

/** Whether it signs in at a server, with a password. */
export function isServer(source: Source): source is ServerSource {
  const { driver } = source;
  return driver === 'postgres' || driver === 'mysql' || driver === 'mongodb' || driver === 'redis';
}
