/**
 * A worker in a process of its own, for tests that kill workers: claims runs of the PostgreSQL at `HOLDFAST_DATABASE_URL` and "executes" each
 * by writing a line with its id to the file `HOLDFAST_TEST_LOG` and waiting `HOLDFAST_TEST_RUN_MS`, with leases as long as the product's.
 * `HOLDFAST_TEST_WORKER` names the machine that it pretends to be on. Ends gracefully on SIGTERM.
 */
import { appendFileSync } from 'node:fs';
import { ChangeBus, MasterKey, MasterKeySealer, nowMs, openPgBossWaker, openPostgres, RunDispatcher } from '@holdfast/control';
import { fromHex, systemClock, systemRandom } from '@holdfast/kernel';
import { end, FakeExecutor } from './fake-executor.ts';

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is missing`);
  return value;
}

const databaseUrl = setting('HOLDFAST_DATABASE_URL');
const logFile = setting('HOLDFAST_TEST_LOG');
const runMs = Number(process.env['HOLDFAST_TEST_RUN_MS'] ?? 50);
const name = setting('HOLDFAST_TEST_WORKER');
const onFault = (error: unknown): void => console.error(error);

await using database = await openPostgres(databaseUrl);
await using waker = await openPgBossWaker({ databaseUrl, clock: systemClock, onFault });
const sealer = new MasterKeySealer(new MasterKey(fromHex(setting('HOLDFAST_TEST_KEY'))), systemRandom);
const context = { database, clock: systemClock, random: systemRandom, sealer, changes: new ChangeBus() };
const fake = new FakeExecutor(() => nowMs(systemClock));
await using dispatcher = new RunDispatcher(context, {
  executor: {
    execute: async (plan) => {
      appendFileSync(logFile, `begin ${plan.runId} ${name} ${plan.kind}\n`);
      await systemClock.sleep(runMs);
      const report = fake.report(plan);
      appendFileSync(logFile, `end ${plan.runId} ${name} ${plan.kind}\n`);
      return end(report);
    },
  },
  waker,
  worker: { host: name, name: String(process.pid) },
  onFault,
  monotonicMs: () => performance.now(),
});
dispatcher.start();
console.log('ready');
await new Promise<void>((resolve) => process.once('SIGTERM', resolve));
await dispatcher.stop(5_000);
