export { type FarTools, findFarTools } from './far-tools.ts';
export { FilePush, type FilePushOptions, type FilePushReport, type LostMetadata } from './file-push.ts';
export { FileSource, type FileSourceOptions, type FileWay } from './file-source.ts';
export { type ListFilesOptions, type ListingKind, listFiles } from './list-files.ts';
export type { EntryType, FileProblem, ListedEntry, ListedItem, MissingMetadata } from './listed-entry.ts';
export type { OverwriteRule } from './overwrite-choice.ts';
export { type DeliveredItem, type PackingKind, readFiles } from './read-files.ts';
export { type PushProblem, unpackFiles } from './unpack-files.ts';
