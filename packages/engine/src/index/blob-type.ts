/** What a blob holds: a piece of a file, or a directory listing. The same ID may exist as both. */
export type BlobType = 'data' | 'tree';
