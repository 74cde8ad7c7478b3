import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemRandom } from '@holdfast/kernel';
import { type Outcome, runHoldfast, runProgram } from './support/program.ts';

const password = 'zY7-secret "quoted" $HOME ü';
let root = '';
let repository = '';
let passwordFile = '';
const none = { HOLDFAST_PASSWORD: '', RESTIC_PASSWORD: '', HOLDFAST_PASSWORD_FILE: '', RESTIC_PASSWORD_FILE: '', RESTIC_REPOSITORY: '' };

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-secrets-'));
  repository = join(root, 'repository');
  passwordFile = join(root, 'password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  writeFileSync(join(root, 'file'), systemRandom.bytes(3_000_000));
  assert.equal((await runHoldfast(['init', '-r', repository, '--password-file', passwordFile], { env: none })).code, 0);
});

after(() => rmSync(root, { recursive: true, force: true }));

const snapshots = (options: readonly string[], env: Readonly<Record<string, string>>): Promise<Outcome> =>
  runHoldfast(['snapshots', '-r', repository, ...options], { env: { ...none, ...env } });

for (const [name, options, env] of [
  ['HOLDFAST_PASSWORD', [], () => ({ HOLDFAST_PASSWORD: password })],
  ['RESTIC_PASSWORD where the other is unset', [], () => ({ RESTIC_PASSWORD: password })],
  ['HOLDFAST_PASSWORD before RESTIC_PASSWORD', [], () => ({ HOLDFAST_PASSWORD: password, RESTIC_PASSWORD: 'another' })],
  ['HOLDFAST_PASSWORD_FILE', [], () => ({ HOLDFAST_PASSWORD_FILE: passwordFile })],
  ['RESTIC_PASSWORD_FILE', [], () => ({ RESTIC_PASSWORD_FILE: passwordFile })],
  ['--password-command', [], () => ({})],
] as const) {
  test(`the password is taken from ${name}`, async () => {
    const command = name === '--password-command' ? ['--password-command', `cat '${passwordFile}'`] : options;
    const { code, stderr } = await snapshots(command, env());
    assert.equal(code, 0, stderr);
  });
}

test('the repository is taken from HOLDFAST_REPOSITORY, or RESTIC_REPOSITORY where that is unset', async () => {
  for (const variable of ['HOLDFAST_REPOSITORY', 'RESTIC_REPOSITORY']) {
    const { code, stderr } = await runHoldfast(['snapshots', '--password-file', passwordFile], {
      env: { ...none, [variable]: repository },
    });
    assert.equal(code, 0, stderr);
  }
});

test('the password is read from standard input that is no terminal, a line as with restic', async () => {
  const main = new URL('../apps/cli/bin/holdfast.js', import.meta.url).pathname;
  const command = 'exec "$1" "$2" repo snapshots -r "$3" < "$4"';
  const { code, stderr } = await runProgram('sh', ['-c', command, 'sh', process.execPath, main, repository, passwordFile], { env: none });
  assert.equal(code, 0, stderr);
});

/** What every process of the machine shows of itself to all users. */
function processList(): string {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      } catch {
        return ''; // it has ended
      }
    })
    .join('\n');
}

test('the password is in no argument of any process, in no output and in no error', async (t) => {
  if (process.platform !== 'linux') return t.skip('needs /proc');
  const seen: string[] = [];
  const watch = setInterval(() => seen.push(processList()), 5);
  try {
    for (const words of [
      ['backup', join(root, 'file'), '--json', '-v', '-v'],
      ['snapshots', '--json'],
      ['check', '--read-data'],
      ['cat', 'config'],
      ['key', 'list', '--json'],
      ['restore', 'latest', '--target', join(root, 'file', 'impossible')],
      ['forget', '--keep-within', 'nonsense'],
    ]) {
      for (const source of [
        ['--password-file', passwordFile],
        ['--password-command', `cat '${passwordFile}'`],
      ]) {
        const { stdout, stderr } = await runHoldfast([...words, ...source, '-r', repository], { env: none });
        seen.push(stdout, stderr);
      }
      const wrong = await runHoldfast([...words, '-r', repository], { env: { ...none, HOLDFAST_PASSWORD: `${password}wrong` } });
      seen.push(wrong.stdout, wrong.stderr);
    }
  } finally {
    clearInterval(watch);
  }
  assert.ok(
    seen.some((text) => text.includes('--password-file')),
    'the process list was looked at',
  );
  for (const text of seen) assert.ok(!text.includes('zY7-secret'), text.slice(0, 400));
});
