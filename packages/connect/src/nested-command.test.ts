import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { hasProgram } from '../../../test/services/run-program.ts';
import { FastRandom } from '../../../test/support/fast-random.ts';
import { randomArgv } from '../../../test/support/random-argv.ts';
import { asciiLine } from './ascii-line.ts';
import { commandLine, commandWords, type Layer, lineText, nestCommand } from './nested-command.ts';
import { quote, quoteAll } from './quote.ts';

const seed = Number(process.env['HOLDFAST_QUOTING_SEED'] ?? randomInt(1, 2 ** 31));
/** How many random argvs are sent through shells, all of their words compared byte by byte. */
const argvCount = Number(process.env['HOLDFAST_QUOTING_ARGVS'] ?? '4000');

const shells: readonly Layer[] = [['sh'], ['dash'], ['bash'], ['busybox', 'sh']].filter(([program = '']) => hasProgram(program));

/** How much fits into one call with so many shells below the first: each level makes a line longer, and the system bounds what a shell is given. */
const scriptBytes = [400_000, 100_000, 30_000, 7_000];

/** What the shell writes that reads these bytes as its script. */
function runShell([program = '', ...parameters]: readonly string[], script: Uint8Array): Buffer {
  const done = spawnSync(program, parameters, { input: script, maxBuffer: 64 * 1024 * 1024, timeout: 60_000 });
  assert.equal(done.status, 0, `${program}: ${done.stderr.toString('latin1').slice(0, 500)}`);
  return done.stdout;
}

const nul = Buffer.alloc(1);
const ended = (words: readonly Buffer[]): Buffer => Buffer.concat(words.flatMap((word) => [word, nul]));

test('F68 quote-fuzz: the shells that the property needs are there', () => {
  assert.ok(process.env['CI'] !== 'true' || shells.length === 4, `only ${shells.join(', ')}`);
});

for (const shell of shells as readonly (readonly string[])[]) {
  test(`F68 F69 quote-fuzz: random words come out of ${shell.join(' ')} as they went in, one to four shells deep`, (t) => {
    t.diagnostic(`HOLDFAST_QUOTING_SEED=${seed}`);
    const random = new FastRandom(seed);
    const wanted = Math.ceil(argvCount / shells.length);
    for (let done = 0; done < wanted; ) {
      const layers = Array.from({ length: random.below(4) }, () => [...shell, '-c']);
      const batch: Buffer[][] = [];
      const lines: Buffer[] = [];
      for (let size = 0; done + batch.length < wanted && size < (scriptBytes[layers.length] ?? 0); ) {
        const argv = randomArgv(random);
        const line = Buffer.concat([Buffer.from("printf '%s\\0' "), quoteAll(argv), Buffer.from('\n')]);
        batch.push(argv);
        lines.push(line);
        size += line.length;
      }
      const script: Buffer = Buffer.concat(lines);
      const nested = layers.reduce((line, layer) => Buffer.from(quoteAll([...layer, line])), script);
      const came = runShell(shell, nested);
      if (!came.equals(ended(batch.flat()))) {
        const wrong = batch.find((argv) => !came.includes(ended(argv)));
        assert.fail(`seed ${seed}, ${layers.length + 1} deep: ${wrong?.map((word) => word.toString('latin1')).join(' | ')}`);
      }
      done += batch.length;
    }
  });

  test(`F68 quote-fuzz: whole commands, nested in ${shell.join(' ')} by any depth, run the program with exactly their words`, () => {
    const random = new FastRandom(seed + 1);
    for (let trial = 0; trial < 16; trial++) {
      const argv = randomArgv(random);
      const layers = Array.from({ length: trial % 4 }, () => [...shell, '-c']);
      const line = nestCommand(layers, { argv: ['printf', '%s\\0', ...argv] });
      assert.deepEqual(runShell(shell, line), ended(argv), `seed ${seed}, ${layers.length + 1} deep`);
    }
  });

  test(`F68 a line that is no UTF-8 means the same in ASCII to ${shell.join(' ')}`, () => {
    const all = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1));
    const words = [all, Buffer.from([0xff]), Buffer.from('1\x80\n', 'latin1'), Buffer.from('\x81\x82\x83\x84\x85\x86\x87\x88', 'latin1')];
    const line = asciiLine(commandLine({ argv: ['printf', '%s\\0', ...words] }));
    assert.match(line, /^[\x20-\x7e]+$/);
    assert.deepEqual(runShell([...shell, '-c', line], Buffer.alloc(0)), ended(words));
  });

  test(`F68 environment and working directory arrive in ${shell.join(' ')} whatever they hold`, () => {
    const root = mkdtempSync(join(tmpdir(), 'holdfast-nested-'));
    try {
      const workingDirectory = mkdtempSync(join(root, `-it's "$(x)" \\ `));
      const value = `'; touch ${root}/pwned; '\n$(id)\\`;
      const line = nestCommand([[...shell, '-c']], {
        argv: ['sh', '-c', 'printf "%s\\0" "$PWD" "$A_VALUE" "$1"', 'sh', '-x'],
        environment: { A_VALUE: value },
        workingDirectory,
      });
      assert.equal(runShell(shell, line).toString(), `${workingDirectory}\0${value}\0-x\0`);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
}

test('a working directory with an odd name is only a name, and a missing one is exit code 126', () => {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-nested-'));
  try {
    const at = (workingDirectory: string) =>
      spawnSync('sh', ['-c', lineText(commandLine({ argv: ['pwd'], workingDirectory }))], { cwd: root, encoding: 'utf8' });
    assert.equal(spawnSync('mkdir', ['--', '-'], { cwd: root }).status, 0);
    assert.equal(at('-').stdout, `${root}/-\n`);
    assert.equal(at('nowhere').status, 126);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('an account of one’s own is taken on without any program, another one by root with su', (t) => {
  const own = commandLine({ argv: ['id', '-un'], user: userInfo().username });
  assert.equal(spawnSync('sh', ['-c', lineText(own)], { encoding: 'utf8' }).stdout.trim(), userInfo().username);
  if (process.getuid?.() !== 0) return t.skip('needs root');
  const line = commandLine({
    argv: ['sh', '-c', 'id -un; printf "%s\\n" "$A" "$PWD" "$@"', 'sh', "-it's", '-c'],
    user: 'nobody',
    environment: { A: "x'y" },
    workingDirectory: '/',
  });
  const other = spawnSync('sh', ['-c', lineText(line)], { encoding: 'utf8' });
  assert.equal(other.stdout, "nobody\nx'y\n/\n-it's\n-c\n", other.stderr);
  return undefined;
});

test('F68 words are quoted in the one way that fish, too, reads as meant: a backslash is never between apostrophes', () => {
  const shown = (word: string): string => lineText(quote(word));
  assert.equal(shown('plain/path-1.txt'), 'plain/path-1.txt');
  assert.equal(shown(''), "''");
  assert.equal(shown("it's"), "'it'\\''s'");
  assert.equal(shown('a\\'), "'a'\\\\''");
  assert.equal(shown('done'), "'done'");
  assert.equal(shown('a=b'), "'a=b'");
  assert.equal(shown('~'), "'~'");
});

test('what no command can carry is refused as invalid-argument', () => {
  const refused = (work: () => unknown): void => assert.throws(work, (error) => CodedError.is(error, 'invalid-argument'));
  refused(() => quote('a\0b'));
  refused(() => quote(Uint8Array.of(65, 0)));
  refused(() => quote('\ud800'));
  refused(() => commandLine({ argv: [] }));
  refused(() => commandLine({ argv: [''] }));
  refused(() => commandWords({ argv: ['-rf'] }));
  refused(() => commandLine({ argv: ['id'], user: '-x' }));
  refused(() => commandLine({ argv: ['id'], user: 'a b' }));
  refused(() => commandLine({ argv: ['id'], environment: { 'A=B;id': '1' } }));
  refused(() => commandLine({ argv: ['id'], environment: { A: '\0' } }));
  refused(() => commandLine({ argv: ['id'], workingDirectory: '' }));
  refused(() => nestCommand([['sh', '-c']], { argv: ['echo', 'x'.repeat(140_000)] }));
});

test('a command without an account, a directory or an environment needs no shell', () => {
  assert.deepEqual(commandWords({ argv: ['tar', '-c', '.'] }), ['tar', '-c', '.']);
});
