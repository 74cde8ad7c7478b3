export { MongodbOptions } from './mongodb-options.ts';
export { MongodbSource } from './mongodb-source.ts';
