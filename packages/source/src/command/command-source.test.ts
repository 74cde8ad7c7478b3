import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LocalHost } from '@holdfast/connect/local';
import type { CodedError } from '@holdfast/kernel';
import { failure } from '../../../../test/support/failure.ts';
import { asEntries, pullAll } from '../../../../test/support/source-streams.ts';
import { CommandOptions, CommandSource } from './index.ts';

const host = new LocalHost();

function source(script: string, more: Record<string, unknown> = {}): CommandSource {
  return new CommandSource(CommandOptions.parse({ argv: ['sh', '-c', script], fileName: 'out.txt', ...more }));
}

async function pulled(script: string, more: Record<string, unknown> = {}): Promise<string> {
  return (await pullAll(source(script, more), host)).get('out.txt')?.toString() ?? '';
}

async function failed(script: string, more: Record<string, unknown> = {}): Promise<CodedError> {
  return await failure(pullAll(source(script, more), host));
}

test('the standard output is the content, to the last byte', async () => {
  assert.equal(await pulled('printf "a\\nb"'), 'a\nb');
  assert.equal((await pulled('head -c 3000000 /dev/zero')).length, 3_000_000);
});

test('F2 F14 F15 an exit code that was not expected, a signal or no output is a failure, whatever came before', async () => {
  for (const script of ['echo enough; exit 7', 'echo enough; kill -9 $$', 'exit 0', 'echo to stderr only >&2']) {
    assert.equal((await failed(script)).code, 'source-incomplete', script);
  }
  assert.match((await failed('echo enough; echo the reason >&2; exit 7')).message, /exit code 7.*the reason/);
  assert.equal(await pulled('echo enough; exit 7', { expectedExitCodes: [0, 7] }), 'enough\n');
  assert.equal(await pulled('exit 0', { mayBeEmpty: true }), '');
});

test('F17 words on standard error are no failure', async () => {
  assert.equal(await pulled('echo FAILED >&2; echo fine'), 'fine\n');
});

test('F65 an end marker that was agreed must be there', async () => {
  const endMarker = '-- ende ☃';
  assert.equal(await pulled('printf "rows\\n-- ende ☃\\n\\n"', { endMarker }), 'rows\n-- ende ☃\n\n');
  assert.equal((await failed('printf "rows\\n-- ende "', { endMarker })).code, 'source-incomplete');
  assert.equal((await failed('printf "rows\\n-- ende ☃ and more"', { endMarker })).code, 'source-incomplete');
});

test('a program that is missing', async () => {
  const missing = source('', { argv: ['no-such-program-here'] });
  assert.equal((await failure(pullAll(missing, host))).code, 'tool-missing');
  assert.deepEqual(
    (await missing.probe(host)).problems.map(({ code, blocking }) => [code, blocking]),
    [['tool-missing', true]],
  );
  assert.deepEqual((await source('').probe(host)).problems, []);
});

test('a restore gives the content to the command that was named for it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-command-test-'));
  try {
    const target = join(folder, "it's");
    const contents = new Map([['out.txt', Buffer.from('content')]]);
    const driver = source('', { restoreArgv: ['sh', '-c', 'cat >"$1"', 'sh', target] });
    assert.deepEqual((await driver.push(host, asEntries(contents))).restored, [{ path: 'out.txt', as: 'out.txt' }]);
    assert.equal(readFileSync(target, 'utf8'), 'content');
    assert.equal((await failure(source('').push(host, asEntries(contents)))).code, 'invalid-argument');
    const refusing = source('', { restoreArgv: ['sh', '-c', 'cat >/dev/null; echo no >&2; exit 1'] });
    assert.equal((await failure(refusing.push(host, asEntries(contents)))).code, 'target-unwritable');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a name of a file that is a way out is refused', () => {
  for (const fileName of ['..', '.', 'a/b', '', 'a\0b']) {
    assert.equal(CommandOptions.safeParse({ argv: ['true'], fileName }).success, false, fileName);
  }
});
