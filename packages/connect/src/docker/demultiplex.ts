/** Where the two streams of a command go. Each write resolves when there is room for more; nothing is read from the connection before that. */
export interface StreamSinks {
  stdout(bytes: Uint8Array): Promise<void>;
  stderr(bytes: Uint8Array): Promise<void>;
}

/** What an engine sent is no stream of a command, or ends in the middle of a frame. */
export class BrokenFrames extends Error {
  override readonly name = 'BrokenFrames';
}

const headerBytes = 8;
const maximumEngineTextBytes = 4096;

/**
 * Takes apart the streams that an engine sends over one connection: frames of a type (1 standard output, 2 standard error, 3 an error of the
 * engine itself), three zeros, the length as a 32-bit big-endian number, and so many bytes. Passes content on as it comes, whatever a frame's
 * length; holds no more than one header. Ends when the connection ends between two frames.
 */
export async function demultiplex(source: AsyncIterable<Uint8Array>, sinks: StreamSinks): Promise<void> {
  const header = new Uint8Array(headerBytes);
  let have = 0;
  let left = 0;
  let sink: (bytes: Uint8Array) => Promise<void> = sinks.stdout;
  const complaint: Uint8Array[] = [];
  for await (const block of source) {
    for (let position = 0; position < block.length; ) {
      if (left > 0) {
        const part = block.subarray(position, position + left);
        position += part.length;
        left -= part.length;
        await sink(part);
        if (left === 0 && complaint.length > 0)
          throw new BrokenFrames(`the engine says: ${new TextDecoder().decode(Buffer.concat(complaint))}`);
        continue;
      }
      const part = block.subarray(position, position + headerBytes - have);
      header.set(part, have);
      have += part.length;
      position += part.length;
      if (have < headerBytes) continue;
      have = 0;
      left = lengthOf(header);
      sink = sinkFor(header[0], sinks, complaint);
    }
  }
  if (have > 0 || left > 0) throw new BrokenFrames('the stream ends in the middle of a frame');
}

function lengthOf(header: Uint8Array): number {
  if (header[1] !== 0 || header[2] !== 0 || header[3] !== 0) throw new BrokenFrames('what comes is not the streams of a command');
  return new DataView(header.buffer).getUint32(4);
}

function sinkFor(type: number | undefined, sinks: StreamSinks, complaint: Uint8Array[]): StreamSinks['stdout'] {
  if (type === 1) return sinks.stdout;
  if (type === 2) return sinks.stderr;
  if (type !== 3) throw new BrokenFrames('what comes is not the streams of a command');
  let held = 0;
  return async (bytes) => {
    complaint.push(new Uint8Array(bytes.subarray(0, maximumEngineTextBytes - held)));
    held = Math.min(maximumEngineTextBytes, held + bytes.length);
  };
}
