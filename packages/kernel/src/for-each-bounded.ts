/**
 * Runs `work` for each item, at most `limit` at once, in the order given. The first failure (or an abort) stops new starts, waits for
 * what runs and is thrown; nothing is left running when the promise settles.
 */
export async function forEachBounded<T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  const run = async (item: T): Promise<void> => {
    try {
      await work(item);
    } catch (error) {
      failure ??= { error };
    }
  };
  try {
    for await (const item of items) {
      if (failure !== undefined) break;
      signal?.throwIfAborted();
      const task = run(item).finally(() => running.delete(task));
      running.add(task);
      if (running.size >= limit) await Promise.race(running);
    }
  } catch (error) {
    failure ??= { error }; // the source of items failed, or the abort; what failed before goes first
  }
  await Promise.all(running);
  if (failure !== undefined) throw failure.error;
  signal?.throwIfAborted();
}
