import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { hasProgram } from '../../../../test/services/run-program.ts';
import { FastRandom } from '../../../../test/support/fast-random.ts';
import { endFarLine, farLine } from './far-command.ts';
import { afterMark, MarkedStderr } from './far-marks.ts';

const mark = '0123456789abcdef0123456789abcdef';

async function* pieces(text: string, random: FastRandom): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length; ) {
    const length = 1 + random.below(12);
    yield Buffer.from(text.slice(at, at + length), 'latin1');
    at += length;
  }
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const bytes of stream) text += Buffer.from(bytes).toString('latin1');
  return text;
}

test('marks are taken out and read, wherever the stream is cut', async () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = new FastRandom(seed);
    const almost = mark.slice(0, 1 + random.below(31));
    const stderr = new MarkedStderr(pieces(`noise\n${mark}:s:4711\n${almost}error ${mark}\n:${almost}${mark}:e:3:\n`, random), mark);
    assert.equal(await stderr.started(), 4711, `seed ${seed}`);
    assert.equal(await textOf(stderr.rest()), `noise\n${almost}error ${mark}\n:${almost}`, `seed ${seed}`);
    assert.deepEqual(stderr.exit, { kind: 'exited', code: 3 });
    const stdout = afterMark(pieces(`hello ${almost}\n${mark}\nout ${mark}\nput`, random), mark);
    assert.equal(await textOf(stdout), `out ${mark}\nput`);
  }
});

test('a stream that ends without marks tells no exit, and keeps what it said', async () => {
  const never = new MarkedStderr(pieces('Permission denied\n', new FastRandom(1)), mark);
  assert.equal(await never.started(), undefined);
  assert.equal(never.heldText, 'Permission denied\n');
  const cut = new MarkedStderr(pieces(`${mark}:s:1\nabc${mark}:e:0`, new FastRandom(1)), mark);
  await cut.started();
  assert.equal(await textOf(cut.rest()), `abc${mark}:e:0`);
  assert.equal(cut.exit, undefined);
});

test('signals are named, as the far system names them, and other codes are codes', async () => {
  const exitOf = async (said: string) => {
    const stderr = new MarkedStderr(pieces(`${mark}:s:1\n${mark}:e:${said}\n`, new FastRandom(3)), mark);
    await textOf(stderr.rest());
    return stderr.exit;
  };
  assert.deepEqual(await exitOf('137:KILL'), { kind: 'signalled', signal: 'SIGKILL' });
  assert.deepEqual(await exitOf('255:'), { kind: 'exited', code: 255 });
  assert.deepEqual(await exitOf('200:nonsense'), { kind: 'exited', code: 200 });
  assert.equal(await exitOf('x:'), undefined);
});

test('an account that writes without end is given up', async () => {
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    for (;;) yield Buffer.alloc(65_536, 0x61);
  };
  const isGivenUp = (error: unknown): boolean => CodedError.is(error, 'command-failed');
  await assert.rejects(new MarkedStderr(endless(), mark).started(), isGivenUp);
  await assert.rejects(textOf(afterMark(endless(), mark)), isGivenUp);
});

for (const shell of ['sh', 'dash', 'bash', 'busybox'].filter(hasProgram)) {
  const login = shell === 'busybox' ? [shell, 'sh', '-c'] : [shell, '-c'];
  /** The line as sshd runs it: in a session of its own, by that login shell; the script itself by that shell too. */
  const run = (line: string, input?: string) => {
    const [program = '', ...parameters] = login;
    const own = shell === 'busybox' ? line.replace('exec sh -c', 'exec busybox sh -c') : line.replace('exec sh -c', `exec ${shell} -c`);
    return spawnSync('setsid', ['--wait', program, ...parameters, own], {
      encoding: 'latin1',
      timeout: 20_000,
      ...(input === undefined ? {} : { input }),
    });
  };

  test(`the far script tells how a command ended, in ${shell}`, () => {
    const { stdout, stderr } = run(farLine({ argv: ['sh', '-c', 'cat; printf out; printf err >&2; exit 255'] }, mark, 'fed'), 'in');
    assert.equal(stdout, `${mark}\ninout`);
    assert.match(stderr, new RegExp(`^${mark}:s:\\d+\\nerr${mark}:e:255:\\S*\\n$`));
    const killed = run(farLine({ argv: ['sh', '-c', 'kill -KILL $$'] }, mark, 'fed'), '');
    assert.match(killed.stderr, new RegExp(`${mark}:e:137:KILL\\n$`));
    const missing = run(farLine({ argv: ['holdfast-no-such-program'] }, mark, 'fed'), '');
    assert.match(missing.stderr, new RegExp(`not found[\\s\\S]*${mark}:e:127:\\n$`));
  });

  test(`the far script ends its command with all that it started when its held input ends, in ${shell}`, () => {
    const before = performance.now();
    const { stderr } = run(farLine({ argv: ['sh', '-c', 'sleep 77 & sleep 78; true'] }, mark, 'held'), '');
    assert.ok(performance.now() - before < 5_000);
    assert.match(stderr, new RegExp(`${mark}:e:143:TERM\\n$`));
  });
}

test('the line that ends a far command names its group and nothing else', () => {
  assert.match(endFarLine(4711), /kill -TERM -4711 .*kill -KILL -4711'$/);
});
