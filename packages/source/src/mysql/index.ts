export { MysqlOptions } from './mysql-options.ts';
export { MysqlSource } from './mysql-source.ts';
