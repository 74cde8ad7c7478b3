/** Resolves when the signal is aborted: for commands that go on until somebody ends them, in order and with exit code 0. */
export async function untilStopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  // A promise alone keeps no process alive.
  const timer = setInterval(() => undefined, 2 ** 30);
  await promise;
  clearInterval(timer);
}
