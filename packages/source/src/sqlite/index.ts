export { SqliteOptions } from './sqlite-options.ts';
export { SqliteSource } from './sqlite-source.ts';
