export { PostgresOptions, type PostgresPushOptions } from './postgres-options.ts';
export { PostgresSource } from './postgres-source.ts';
