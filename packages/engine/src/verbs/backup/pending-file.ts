import { closeSync } from 'node:fs';
import { completeFile, type NodeTemplate } from '../../format/encode-node.ts';
import type { FileStat } from '../../posix/file-stat.ts';
import { adviseSoon } from '../../posix/read-advice.ts';
import type { ItemProblem } from './backup-job.ts';
import type { ContentStore } from './content-store.ts';
import { asSource, changeWhileReading, openForReading, problemOf } from './entry-reader.ts';

/** A small file that is open and on its way from the disk, to be read when its turn comes. */
export class PendingFile {
  readonly #path: Buffer;
  readonly #stat: FileStat;
  readonly #template: NodeTemplate;
  readonly #fd: number;
  #done = false;
  #json: string | undefined;

  /** Opens the file and has the kernel fetch it. */
  constructor(path: Buffer, stat: FileStat, template: NodeTemplate) {
    this.#path = path;
    this.#stat = stat;
    this.#template = template;
    this.#fd = openForReading(path);
    adviseSoon(this.#fd, 0, stat.sizeBytes);
  }

  /** Stores the content, once, and closes the file. The node's JSON, or undefined if it could not be read, which `onProblem` hears. */
  finish(contents: ContentStore, onStored: (sizeBytes: number) => void, onProblem: (problem: ItemProblem) => void): string | undefined {
    if (this.#done) return this.#json;
    this.#done = true;
    try {
      const { content, sizeBytes } = asSource(this.#path, () => contents.storeFile(this.#fd, this.#stat.sizeBytes));
      const changed = changeWhileReading(this.#path, this.#stat, this.#fd, sizeBytes);
      if (changed !== undefined) onProblem(changed);
      onStored(sizeBytes);
      this.#json = completeFile(this.#template, sizeBytes, content);
    } catch (error) {
      onProblem(problemOf(this.#path, error));
    } finally {
      closeSync(this.#fd);
    }
    return this.#json;
  }

  /** Closes the file unread. */
  close(): void {
    if (!this.#done) closeSync(this.#fd);
    this.#done = true;
  }
}
