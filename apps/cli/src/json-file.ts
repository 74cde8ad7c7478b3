import { readFile } from 'node:fs/promises';
import { usageError } from './run-context.ts';

/** The JSON in a file; `what` is its subject in a sentence, like `The policy`. `invalid-argument` where it cannot be read or is none. */
export async function readJsonFile(path: string, what: string): Promise<unknown> {
  let text = '';
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw usageError(`${what} cannot be read: ${error instanceof Error ? error.message : String(error)}`, 'Name a file that holds JSON.');
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw usageError(`${what} in ${path} is no JSON: ${error.message}`, 'Mend the file.');
  }
}
