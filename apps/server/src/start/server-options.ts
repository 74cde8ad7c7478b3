import type { DestinationStream } from 'pino';

export interface ServerOptions {
  /** 0: any that is free. Default 8484. */
  readonly port?: number | undefined;
  /** Default 127.0.0.1: this machine only. */
  readonly host?: string | undefined;
  /** Default by account: /var/lib/holdfast for root, else below the home directory. */
  readonly dataDirectory?: string | undefined;
  /** Of PostgreSQL. Default: a file in the data directory. */
  readonly databaseUrl?: string | undefined;
  /** The address that people use, where another server stands in front; that server is then believed about who asks. */
  readonly publicUrl?: string | undefined;
  /** Whether runs are carried out in this server too. Default true. */
  readonly isWorker?: boolean | undefined;
  /** The workspace of the web page; null for none. Default: the one beside the server. */
  readonly web?: string | null | undefined;
  /** How long runs may go on when the server stops. Default 20 s. */
  readonly stopWithinMs?: number | undefined;
  /** A session that was not used for so long is over (default 30 minutes); one that is older in any case (12 hours). */
  readonly sessionIdleSeconds?: number | undefined;
  readonly sessionSeconds?: number | undefined;
  /** `debug`, `info`, `warn`, … Default `info`. */
  readonly logLevel?: string | undefined;
  /** Where lines of the log go. Default standard error. */
  readonly logTo?: DestinationStream | undefined;
  /** Of a Bot API server of one's own, for Telegram. */
  readonly telegramApiRoot?: string | undefined;
  /** Compares also long lists with the contract before they are sent, which takes longer than to make them. Default false; for tests. */
  readonly checkLists?: boolean | undefined;
  /** Hears what takes longer, in words for people. */
  readonly onStep?: ((text: string) => void) | undefined;
  /** Ends the start when it is aborted; a running server is stopped by disposing of it. */
  readonly signal?: AbortSignal | undefined;
  /** For the master key and the account's directories. Default the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}
