import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compareTrees, showDifferences } from './support/compare-trees.ts';
import { type Outcome, runHoldfast, runProgram } from './support/program.ts';
import { needRestic } from './support/restic.ts';

/** As octal escapes of printf. The first three differ in one byte that is no UTF-8, or in none that is. */
const names = [
  'caf\\351',
  'caf\\350',
  'caf\\303\\251',
  '\\377\\376',
  'a\\nb',
  'quote\\"\\047',
  'back\\\\slash',
  '\\342\\200\\250',
  '-r',
  '*',
  '[a',
  ' ',
];
const directory = 'verz\\344';
const main = fileURLToPath(new URL('../apps/cli/bin/holdfast.js', import.meta.url));

function bytesOf(escaped: string): Buffer {
  const text = escaped.replace(/\\(\d{3}|n|"|\\)/g, (_, code: string) =>
    code === 'n' ? '\n' : /\d/.test(code) ? String.fromCharCode(Number.parseInt(code, 8)) : code,
  );
  return Buffer.from(text, 'latin1');
}

const under = (base: string, ...parts: readonly string[]): Buffer =>
  Buffer.concat([Buffer.from(base), ...parts.flatMap((part) => [Buffer.from('/'), bytesOf(part)])]);

/** Runs `holdfast repo` with arguments that are not text, which Node could not hand over. */
function holdfastWithBytes(words: readonly Buffer[], env: Readonly<Record<string, string>>, cwd: string): Promise<Outcome> {
  const quoted = words.map((word) => `"$(printf '${[...word].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('')}')"`);
  return runProgram('sh', ['-c', `exec "$0" "$1" repo ${quoted.join(' ')}`, process.execPath, main], { env, cwd });
}

test('F62 weird-names: names that are no UTF-8 stay distinct, are found by their bytes and come back, here and with restic', async (t) => {
  const restic = needRestic(t);
  const root = mkdtempSync(join(tmpdir(), 'holdfast-names-'));
  const [source, repository, target] = ['source', 'repository', 'target'].map((name) => join(root, name)) as [string, string, string];
  const env = { HOLDFAST_PASSWORD: 'names', RESTIC_PASSWORD: 'names', RESTIC_CACHE_DIR: join(root, 'cache') };
  const run = async (words: readonly (string | Buffer)[]): Promise<Outcome> => {
    const outcome = await holdfastWithBytes(
      words.map((word) => Buffer.from(word)),
      env,
      root,
    );
    assert.equal(outcome.code, 0, outcome.stderr);
    return outcome;
  };
  try {
    mkdirSync(under(source, directory), { recursive: true });
    for (const name of names) {
      writeFileSync(under(source, name), `content of ${name}`);
      writeFileSync(under(source, directory, name), `content below of ${name}`);
    }
    assert.equal((await runHoldfast(['init', '-r', repository], { env })).code, 0);
    await run(['backup', '-r', repository, 'source']);
    const same = (restored: string): void =>
      assert.equal(showDifferences(compareTrees(Buffer.from(source), Buffer.from(join(restored, 'source')))), '');

    await run(['restore', '-r', repository, 'latest', '--target', target]);
    same(target);
    for (const name of [...names.slice(0, 4), '*']) {
      const path = Buffer.concat([Buffer.from('/source/'), bytesOf(directory), Buffer.from('/'), bytesOf(name)]);
      assert.equal((await run(['dump', '-r', repository, 'latest', path])).stdout, `content below of ${name}`);
      const listed = (await run(['ls', '-r', repository, '--json', 'latest', path])).stdout.trim().split('\n').slice(1);
      assert.equal(listed.length, 1, `one entry is ${name}`);
      const alone = join(root, 'alone');
      const escaped = Buffer.from(path.toString('latin1').replace(/[*?[\\]/g, '\\$&'), 'latin1');
      await run(['restore', '-r', repository, 'latest', '--target', alone, '--include', escaped]);
      assert.equal(readFileSync(Buffer.concat([Buffer.from(alone), path]), 'utf8'), `content below of ${name}`);
      const differences = compareTrees(Buffer.from(join(alone, 'source')), Buffer.from(source), {
        ignore: ['unexpected', 'atime', 'mtime', 'mode'],
      });
      assert.equal(showDifferences(differences), '');
      rmSync(alone, { recursive: true });
    }
    await run(['backup', '-r', repository, Buffer.concat([Buffer.from('source/'), bytesOf(directory)])]);

    if (restic === undefined) return;
    const byRestic = join(root, 'by-restic');
    const checked = await runProgram(restic, ['-r', repository, 'check', '--read-data'], { env });
    assert.equal(checked.code, 0, checked.stderr);
    const ids = await runProgram(restic, ['-r', repository, 'snapshots', '--json'], { env });
    const [first] = JSON.parse(ids.stdout) as { id: string }[];
    assert.equal((await runProgram(restic, ['-r', repository, 'restore', first?.id ?? '', '--target', byRestic], { env })).code, 0);
    same(byRestic);
    const other = join(root, 'other');
    assert.equal((await runProgram(restic, ['-r', other, 'init'], { env })).code, 0);
    assert.equal((await runProgram(restic, ['-r', other, 'backup', 'source'], { env, cwd: root })).code, 0);
    const back = join(root, 'back');
    await run(['restore', '-r', other, 'latest', '--target', back]);
    same(back);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
