import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Host, ProcessExit } from '@holdfast/connect/port';
import { CodedError } from '@holdfast/kernel';
import fc from 'fast-check';
import { failure } from '../../../test/support/failure.ts';
import { collect } from '../../../test/support/source-streams.ts';
import { dumpStream } from './dump-stream.ts';

interface Course {
  readonly stdout: readonly string[];
  readonly stderr?: string;
  /** How it ends, or the error of a chain that broke. */
  readonly end: ProcessExit | Error;
  /** Whether a broken chain shows at the reading of stdout as well, as it may or may not. */
  readonly breaksReading?: boolean;
}

/** A host whose one command takes the course that it is given. */
function hostOf({ stdout, stderr = '', end, breaksReading = false }: Course): Host & { disposed: number } {
  async function* pieces(texts: readonly string[], last?: Error): AsyncGenerator<Uint8Array> {
    for (const text of texts) yield Buffer.from(text);
    if (last !== undefined) throw last;
  }
  const host = {
    description: 'ssh db1',
    disposed: 0,
    async exec() {
      const exit = end instanceof Error ? Promise.reject(end) : Promise.resolve(end);
      exit.catch(() => undefined);
      return {
        stdout: pieces(stdout, end instanceof Error && breaksReading ? end : undefined),
        stderr: pieces(stderr === '' ? [] : [stderr]),
        exit,
        async [Symbol.asyncDispose]() {
          host.disposed += 1;
        },
      };
    },
    async dial() {
      throw new Error('nothing is dialled here');
    },
    explain: () => ({ steps: [] }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return host as unknown as Host & { disposed: number };
}

const dump = { command: { argv: ['dumper'] }, program: 'dumper', what: 'The dump', read: () => undefined } as const;
const broken = new CodedError({ code: 'connection-lost', message: 'ssh db1 broke' });

test('F1 F2 F14 F15 only exit code 0 after at least one byte is a whole dump, whatever came before', async () => {
  const ends = fc.oneof(
    fc.record({ kind: fc.constant('exited' as const), code: fc.integer({ min: 0, max: 255 }) }),
    fc.record({ kind: fc.constant('signalled' as const), signal: fc.constantFrom('SIGKILL', 'SIGTERM', 'SIGPIPE') }),
    fc.constant(broken),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string(), { maxLength: 5 }), ends, fc.boolean(), async (stdout, end, breaksReading) => {
      const host = hostOf({ stdout, end, breaksReading });
      const text = stdout.join('');
      const reading = collect(dumpStream(host, dump));
      const isWhole = !(end instanceof Error) && end.kind === 'exited' && end.code === 0 && text !== '';
      if (isWhole) assert.equal((await reading).toString(), text);
      else {
        const { code } = await failure(reading);
        const missing = !(end instanceof Error) && end.kind === 'exited' && (end.code === 126 || end.code === 127) && text === '';
        assert.equal(code, end instanceof Error ? 'connection-lost' : missing ? 'tool-missing' : 'source-incomplete');
      }
      assert.equal(host.disposed, 1);
    }),
  );
});

test('F17 what the program said decides the code of a failure before the first byte, and nothing of a success', async () => {
  const read = (said: string): { code: 'source-denied'; hint: string } | undefined =>
    said.includes('password') ? { code: 'source-denied', hint: 'Correct it.' } : undefined;
  const failed = { stderr: 'a notice\nFATAL: wrong password\n', end: { kind: 'exited', code: 1 } } as const;
  const denied = await failure(collect(dumpStream(hostOf({ stdout: [], ...failed }), { ...dump, read })));
  assert.deepEqual([denied.code, denied.hint, denied.retry], ['source-denied', 'Correct it.', 'permanent']);
  assert.match(denied.message, /dumper on ssh db1 ended with exit code 1: a notice \| FATAL: wrong password/);
  const later = await failure(collect(dumpStream(hostOf({ stdout: ['half'], ...failed }), { ...dump, read })));
  assert.deepEqual([later.code, later.hint], ['source-incomplete', 'Correct it.']);
  const fine = hostOf({ stdout: ['all'], stderr: 'FATAL: wrong password', end: { kind: 'exited', code: 0 } });
  assert.equal((await collect(dumpStream(fine, { ...dump, read }))).toString(), 'all');
});

test('leaving the loop early ends the command', async () => {
  const host = hostOf({ stdout: ['one', 'two'], end: { kind: 'exited', code: 0 } });
  for await (const _ of dumpStream(host, dump)) break;
  assert.equal(host.disposed, 1);
});
