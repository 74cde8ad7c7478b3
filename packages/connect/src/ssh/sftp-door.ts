import { ByteQueue } from '../byte-queue.ts';
import { CommandStream } from '../command-stream.ts';
import type { LocalProcess } from '../local-process.ts';
import type { CallOptions, Host } from '../port.ts';
import { SftpClient } from './sftp-client.ts';

/** Starts ssh for the subsystem of SFTP, with that queue as its standard input. */
export type StartSftp = (stdin: ByteQueue, what: string, options: CallOptions) => Promise<LocalProcess>;

/** Where a session of SFTP with a host begins. Whether the host offers that shows when it is opened: `connection-lost` where it does not. */
export class SftpDoor {
  readonly #description: string;
  readonly #start: StartSftp;

  constructor(description: string, start: StartSftp) {
    this.#description = description;
    this.#start = start;
  }

  /** A session of its own, for the caller to close. The signal and the time limit are for the whole of it. */
  async open(options: CallOptions = {}): Promise<SftpClient> {
    options.signal?.throwIfAborted();
    const outgoing = new ByteQueue();
    const what = `SFTP with ${this.#description}`;
    return await SftpClient.open(new CommandStream(await this.#start(outgoing, what, options), outgoing, what));
  }
}

/** The way to the files of a host by SFTP, which needs no shell there; undefined where the last link is not SSH. */
export function sftpOf(host: Host): SftpDoor | undefined {
  return host.ways?.find((way) => way instanceof SftpDoor);
}
