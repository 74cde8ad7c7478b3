export { CommandOptions } from './command-options.ts';
export { CommandSource } from './command-source.ts';
