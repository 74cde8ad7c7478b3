import { Agent, type ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';

/** Keeps a connection or two for the next short call: over a chain each costs a round trip and a process. They need not be TCP sockets. */
export class EngineAgent extends Agent {
  readonly #dial: () => Promise<Duplex>;

  constructor(dial: () => Promise<Duplex>) {
    super({ keepAlive: true, maxFreeSockets: 2 });
    this.#dial = dial;
  }

  override createConnection(_options: ClientRequestArgs, done?: (error: Error | null, stream: Duplex) => void): undefined {
    // Node types the callback as if there were always a stream; with an error it looks at none.
    const failed = done as ((error: Error) => void) | undefined;
    this.#dial().then(
      (stream) => done?.(null, stream),
      (error) => failed?.(error instanceof Error ? error : new Error(String(error))),
    );
  }
}
