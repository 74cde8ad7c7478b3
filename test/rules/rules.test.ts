import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { after, describe, test } from 'node:test';

const root = resolve(import.meta.dirname, '../..');
const fixtures = join(import.meta.dirname, 'fixtures');
const scratch = mkdtempSync(join(tmpdir(), 'holdfast-rules-'));
after(() => rmSync(scratch, { recursive: true }));

type Settings = Record<string, unknown>;

function readSettings(name: string): Settings {
  return JSON.parse(readFileSync(join(root, name), 'utf8')) as Settings;
}

function without(settings: Settings, ...names: readonly string[]): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !names.includes(name)));
}

/** `file:line rule` for each `// expect rule` comment, which speaks of the line below it. */
function expected(tool: (rule: string) => boolean): string[] {
  const findings: string[] = [];
  for (const name of globSync('**/*.ts', { cwd: fixtures })) {
    const lines = readFileSync(join(fixtures, name), 'utf8').split('\n');
    lines.forEach((line, index) => {
      const rule = /\/\/ expect (\S+)$/.exec(line)?.[1];
      if (rule !== undefined && tool(rule)) findings.push(`${name}:${index + 2} ${rule}`);
    });
  }
  return findings.sort();
}

function run(program: string, parameters: readonly string[]): string {
  const script = join(root, 'node_modules', program);
  const done = spawnSync(process.execPath, [script, ...parameters], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.equal(done.status, 1, `${program} must fail on the fixtures:\n${done.stdout}${done.stderr}`);
  return done.stdout;
}

describe('each rule of `npm run check` bites on its fixture, and only there', () => {
  test('oxlint: import arrows, cycles, promises, exit codes, length of files', () => {
    const settings = without(readSettings('.oxlintrc.json'), 'ignorePatterns');
    const jsPlugins = (settings['jsPlugins'] as string[]).map((path) => join(root, path));
    writeFileSync(join(scratch, 'oxlint.json'), JSON.stringify({ ...settings, jsPlugins }));
    const output = run('oxlint/bin/oxlint', ['--type-aware', '--format=json', '-c', join(scratch, 'oxlint.json'), fixtures]);
    const { diagnostics } = JSON.parse(output) as {
      diagnostics: { code: string; filename: string; labels: { span: { line: number } }[] }[];
    };
    const found = diagnostics.map(({ code, filename, labels }) => {
      return `${relative(fixtures, resolve(root, filename))}:${labels[0]?.span.line ?? 0} ${code}`;
    });
    const tooLong = found.filter((finding) => finding.startsWith('too-long.ts'));
    assert.equal(tooLong.length, 1);
    assert.match(tooLong[0] ?? '', /eslint\(max-lines\)$/);
    const others = found.filter((finding) => !tooLong.includes(finding));
    assert.deepEqual(
      others.sort(),
      expected((rule) => !/^(?:biome|tsc)\(/.test(rule)),
    );
  });

  test('Biome: style and suspicious code', () => {
    writeFileSync(join(scratch, 'biome.json'), JSON.stringify(without(readSettings('biome.json'), 'files', 'vcs', 'overrides', '$schema')));
    const output = run('@biomejs/biome/bin/biome', ['lint', '--reporter=github', `--config-path=${scratch}`, join(fixtures, 'style.ts')]);
    const found = [...output.matchAll(/title=lint\/\w+\/(\w+),file=([^,]+),line=(\d+)/g)].map(([, rule, file, line]) => {
      return `${relative(fixtures, resolve(root, file ?? ''))}:${line} biome(${rule})`;
    });
    assert.deepEqual(
      found.sort(),
      expected((rule) => rule.startsWith('biome(')),
    );
  });

  test('tsc: erasable syntax and unchecked indexes', () => {
    writeFileSync(
      join(scratch, 'tsconfig.json'),
      JSON.stringify({
        extends: join(root, 'tsconfig.json'),
        compilerOptions: { typeRoots: [join(root, 'node_modules/@types')] },
        include: [join(fixtures, 'types.ts')],
        exclude: [],
      }),
    );
    const output = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--pretty', 'false', '-p', scratch], {
      cwd: dirname(fixtures),
      encoding: 'utf8',
    });
    assert.notEqual(output.status, 0);
    const found = [...output.stdout.matchAll(/^(\S+)\((\d+),\d+\): error (TS\d+)/gm)].map(([, file, line, code]) => {
      return `${relative(fixtures, resolve(dirname(fixtures), file ?? ''))}:${line} tsc(${code})`;
    });
    assert.deepEqual(
      found.sort(),
      expected((rule) => rule.startsWith('tsc(')),
    );
  });
});
