import { usageError } from './run-context.ts';

export interface JsonLine {
  /** From 1 on, empty lines counted. */
  readonly lineNumber: number;
  readonly value: unknown;
}

const longestLineBytes = 1_048_576;
const newline = 10;

/** JSON, a value a line, as it comes in; empty lines are skipped. `invalid-argument` that names the line for anything else. */
export async function* readJsonLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<JsonLine> {
  let lineNumber = 1;
  let begun: Uint8Array[] = [];
  let begunBytes = 0;
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      checkLength(begunBytes + end - start, lineNumber);
      yield* parseLine([...begun, chunk.subarray(start, end)], lineNumber);
      [begun, begunBytes] = [[], 0];
      lineNumber += 1;
      start = end + 1;
    }
    begun.push(chunk.subarray(start));
    begunBytes += chunk.length - start;
    checkLength(begunBytes, lineNumber);
  }
  yield* parseLine(begun, lineNumber);
}

function checkLength(lineBytes: number, lineNumber: number): void {
  if (lineBytes > longestLineBytes)
    throw usageError(`Line ${lineNumber} is longer than ${longestLineBytes} bytes`, 'Write one JSON value a line.');
}

function* parseLine(parts: readonly Uint8Array[], lineNumber: number): Generator<JsonLine> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts)).trim();
    if (text !== '') yield { lineNumber, value: JSON.parse(text) as unknown };
  } catch (error) {
    const isParse = error instanceof SyntaxError || (error instanceof TypeError && 'code' in error);
    if (!isParse) throw error;
    throw usageError(`Line ${lineNumber} is no JSON: ${error.message}`, 'Write one JSON value a line, in UTF-8.');
  }
}
