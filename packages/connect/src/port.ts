/** One word of a command: text, which travels as UTF-8, or bytes. Any byte but NUL; anything else is `invalid-argument`. */
export type Word = string | Uint8Array;

/**
 * What is to be run: a program and its arguments, never a line for a shell. Everything in it can be seen in process lists of the hosts of the
 * chain, so it holds no secret: those travel by `stdin` or in a private file.
 */
export interface Command {
  /** The program, by path or found on PATH there, then its arguments. The program's name does not begin with `-`. */
  readonly argv: readonly Word[];
  /** Set on top of the environment that the host gives. No secrets. */
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly workingDirectory?: string | undefined;
  /** The account to run as, where it is another one than the chain's. The chain's account must have the right to it without a password. */
  readonly user?: string | undefined;
}

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** An aborted call rejects with the signal's reason, after what it had under way has ended, here and on the far side. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** After this time the call ends with `command-timeout`. Default: no limit of its own. */
  readonly timeoutMs?: number | undefined;
}

export interface ExecOptions extends CallOptions {
  /**
   * What the command reads; by default nothing. Read with back-pressure, and not to its end if the command does not want it all. When it
   * throws, the command is killed before it can take what it has got for the whole, and `exit` rejects with that error.
   */
  readonly stdin?: AsyncIterable<Uint8Array> | undefined;
}

/**
 * How a process ended. There is no other way: a process whose end is not known rejects. Where a shell stands between, it cannot tell a signal
 * n from an exit code 128 + n, so that both are `signalled`.
 */
export type ProcessExit = { readonly kind: 'exited'; readonly code: number } | { readonly kind: 'signalled'; readonly signal: string };

/** A command that runs on a host. Drain both streams (`collectTail` is there for one that does not matter) or dispose of it. */
export interface RemoteProcess extends AsyncDisposable {
  /**
   * Read once, with back-pressure; leaving the loop early closes it. Throws when the command was stopped from here. That it ended says nothing
   * about the command, which may have died: only `exit` tells.
   */
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  /**
   * How the command ended, once it did and both streams were read to their end. A program that is not there is exit code 127, one that cannot
   * be run (or a working directory that cannot be entered) 126. Rejects with the signal's reason, `command-timeout`, the error of `stdin`, or
   * `connection-lost` when nobody can tell any more how it ended.
   */
  readonly exit: Promise<ProcessExit>;
  /** Kills the command with all that it started in its process group, if it still runs, and waits for its end. Never throws for that. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Bytes in both directions, such as a TCP connection. */
export interface ByteStream extends AsyncDisposable {
  /** What the other end sends, read once, with back-pressure. Ends when it said that no more comes; throws when the connection broke. */
  readonly incoming: AsyncIterable<Uint8Array>;
  /** Sends. Resolves when there is room for more; rejects when the connection broke. The bytes must not change until then. */
  write(bytes: Uint8Array): Promise<void>;
  /** Says that no more comes; reading goes on. */
  end(): Promise<void>;
}

/** One line for each place that a command passes, the outermost first. */
export interface ExplainedCommand {
  readonly steps: readonly {
    /** Where the line runs: `this machine`, `ssh deploy@db1`. */
    readonly place: string;
    /** What runs there, as one would type it into a POSIX shell. Bytes that are no text are shown as U+FFFD. */
    readonly line: string;
  }[];
}

/** A place that a chain has reached: runs commands there and carries bytes. Disposing of it ends what still runs through it. */
export interface Host extends AsyncDisposable {
  /** For people: `this machine`, `ssh deploy@db1 → docker pg`. No secrets. */
  readonly description: string;
  /** Ways to its files that take no program there, where its connector has some: `archiveOf` and `sftpOf` know them. */
  readonly ways?: readonly object[];
  /** Starts a command. A failure of the way there rejects here or at `exit`; a failure of the command is its exit code. */
  exec(command: Command, options?: ExecOptions): Promise<RemoteProcess>;
  /** A TCP connection as made from there. Rejects with `link-unreachable` when nothing takes it. */
  dial(address: HostPort, options?: CallOptions): Promise<ByteStream>;
  /** The nested command lines that `exec` would run. Nothing is run, and there is nothing secret to hide in them. */
  explain(command: Command): ExplainedCommand;
}

/**
 * Goes one link further. The new host uses `via` and does not own it: whoever opened both disposes of the new one first (`openChain` does).
 * Rejects with a CodedError whose `context.link` names the link, and leaves nothing behind.
 */
export type Connector = (via: Host, options?: CallOptions) => Promise<Host>;
