import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';

const root = resolve(import.meta.dirname, '..');

/** Lays out the launcher beside a main.ts of that text and starts it in a Node that says it is version 20. */
function launch(
  t: TestContext,
  main: string,
  words: readonly string[] = [],
  options: { withRuntime?: boolean; nodeVersion?: string } = {},
) {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-launcher-'));
  t.after(() => rmSync(home, { recursive: true }));
  mkdirSync(join(home, 'bin'));
  mkdirSync(join(home, 'src'));
  cpSync(join(root, 'apps/cli/bin/holdfast.js'), join(home, 'bin/holdfast.js'));
  writeFileSync(join(home, 'package.json'), '{"type":"module"}');
  writeFileSync(join(home, 'src/main.ts'), main);
  if (options.withRuntime !== false) symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'));
  const versions = { ...process.versions, node: options.nodeVersion ?? '20.20.2' };
  writeFileSync(join(home, 'pretend.cjs'), `Object.defineProperty(process, 'versions', { value: ${JSON.stringify(versions)} });`);
  const child = spawn(process.execPath, ['--require', join(home, 'pretend.cjs'), join(home, 'bin/holdfast.js'), ...words]);
  const ended = new Promise<{ code: number | null; signal: string | null }>((done) => {
    child.once('exit', (code, signal) => done({ code, signal }));
  });
  return { child, ended, output: text(child.stdout), problems: text(child.stderr) };
}

const tellMain = `
const name: string = 'main';
process.stdin.on('data', (data) => console.log(name, process.versions.node, process.ppid, data + '', ...process.argv.slice(2)));
process.stdin.on('end', () => { process.exitCode = 3; });
`;

test('the launcher runs an old Node on in the installed one: arguments, standard input, exit code', async (t) => {
  const { child, ended, output, problems } = launch(t, tellMain, ['repo', 'a b', '--x=$HOME']);
  child.stdin.end('hello');
  assert.deepEqual(await ended, { code: 3, signal: null });
  assert.equal(await output, `main ${process.versions.node} ${child.pid} hello repo a b --x=$HOME\n`);
  assert.equal(await problems, '');
});

test('the launcher imports main where Node is new enough', async (t) => {
  const { child, ended, output } = launch(t, tellMain, ['x'], { nodeVersion: '26.0.0', withRuntime: false });
  child.stdin.end('hello');
  assert.deepEqual(await ended, { code: 3, signal: null });
  assert.match(await output, new RegExp(`^main 26\\.0\\.0 ${process.pid} hello x\n$`));
});

const waitMain = `
process.on('SIGTERM', () => { console.log('asked to end'); process.exitCode = 7; clearInterval(timer); });
const timer = setInterval(() => undefined, 1000);
console.log('ready');
`;

test('the launcher passes a signal on and ends with the exit code of the program', async (t) => {
  const { child, ended, output } = launch(t, waitMain);
  child.stdout.once('data', () => child.kill('SIGTERM'));
  assert.deepEqual(await ended, { code: 7, signal: null });
  assert.equal(await output, 'ready\nasked to end\n');
});

test('the launcher dies by the signal that the program died by', async (t) => {
  const { child, ended } = launch(t, waitMain);
  child.stdout.once('data', () => child.kill('SIGHUP'));
  assert.deepEqual(await ended, { code: null, signal: 'SIGHUP' });
});

test('the launcher says what to do when npm installed no runtime', async (t) => {
  const { ended, problems } = launch(t, tellMain, [], { withRuntime: false });
  assert.deepEqual(await ended, { code: 1, signal: null });
  assert.match(await problems, /^Fatal: Holdfast needs Node 26, this is 20\.20\.2, .*\nHint: run "npm ci"/);
});
