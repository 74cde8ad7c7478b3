/**
 * Tells workers that there may be something to do. A hint and nothing more: what is to be done is in the table of runs, and who misses a hint
 * finds it when his waiting ends by itself.
 */
export interface RunWaker extends AsyncDisposable {
  /** Ends the waiting of at least one who waits now or next; of one in another process too, where there are several. */
  wake(): Promise<void>;
  /** Resolves at the next `wake`, after that time, or when the signal is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}
