export { RedisOptions } from './redis-options.ts';
export { RedisSource } from './redis-source.ts';
