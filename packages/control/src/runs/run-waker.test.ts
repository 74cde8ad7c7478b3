import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import { PostgresServer, whyNoPostgres } from '../../../../test/support/postgres.ts';
import { InProcessWaker } from './in-process-waker.ts';
import { openPgBossWaker } from './pg-boss-waker.ts';
import type { RunWaker } from './run-waker.ts';

/** Two ends at which one may wait and be woken: the same one where there is one process only. */
interface Pair extends AsyncDisposable {
  readonly one: RunWaker;
  readonly other: RunWaker;
}

const never = new AbortController().signal;

async function took(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function suite(name: string, skip: string | undefined, open: () => Promise<Pair>): void {
  describe(`waking, ${name}`, { skip: skip ?? false }, () => {
    test('who waits is woken soon, from the other side too', async () => {
      await using pair = await open();
      for (const from of [pair.one, pair.other]) {
        const ended = new AbortController();
        // Of several that wait one is woken, and nobody says which.
        const waiting = [...new Set([pair.one, pair.other])].map(async (each) => await each.wait(20_000, ended.signal));
        const ms = await took(async () => {
          await from.wake();
          await Promise.race(waiting);
        });
        ended.abort();
        await Promise.all(waiting);
        assert.ok(ms < 10_000, `${ms} ms`);
      }
    });

    test('who comes after the waking does not sleep through it', async () => {
      await using pair = await open();
      await pair.one.wake();
      const ms = await took(async () => await Promise.race([pair.one.wait(20_000, never), pair.other.wait(20_000, never)]));
      assert.ok(ms < 10_000, `${ms} ms`);
    });

    test('waiting ends by itself and when it is told to', async () => {
      await using pair = await open();
      assert.ok((await took(async () => await pair.one.wait(100, never))) < 5_000);
      const stop = new AbortController();
      const ms = await took(async () => {
        const waiting = pair.one.wait(20_000, stop.signal);
        stop.abort();
        await waiting;
        await pair.one.wait(20_000, stop.signal);
      });
      assert.ok(ms < 5_000, `${ms} ms`);
    });

    test('many wakings are as one', async () => {
      await using pair = await open();
      for (let index = 0; index < 50; index++) await pair.one.wake();
      await Promise.race([pair.one.wait(20_000, never), pair.other.wait(20_000, never)]);
    });
  });
}

suite('in one process', undefined, async () => {
  const waker = new InProcessWaker(systemClock);
  return { one: waker, other: waker, [Symbol.asyncDispose]: async () => await waker[Symbol.asyncDispose]() };
});

const server = new PostgresServer();

suite('by pg-boss', whyNoPostgres(), async () => {
  await using stack = new AsyncDisposableStack();
  const { url: databaseUrl } = stack.use(await server.createDatabase());
  const onFault = (error: Error): void => {
    throw error;
  };
  const one = stack.use(await openPgBossWaker({ databaseUrl, clock: systemClock, onFault }));
  const other = stack.use(await openPgBossWaker({ databaseUrl, clock: systemClock, onFault }));
  const held = stack.move();
  return { one, other, [Symbol.asyncDispose]: async () => await held.disposeAsync() };
});
