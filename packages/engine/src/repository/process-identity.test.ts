import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isProvablyDead, type ProcessIdentity, processIdentity } from './process-identity.ts';

const needsProc = process.platform === 'linux' ? false : 'needs /proc';

async function start(): Promise<{ pid: number; end: () => Promise<void> }> {
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  return {
    pid: child.pid as number,
    end: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

function identityOf(pid: number): ProcessIdentity {
  const identity = processIdentity(pid);
  assert.ok(identity !== undefined);
  return identity;
}

test('F26 a process is dead when it has ended, or when another one has its ID, and not before', { skip: needsProc }, async () => {
  const { pid, end } = await start();
  const identity = identityOf(pid);
  assert.equal(isProvablyDead(pid, identity), false);
  assert.equal(isProvablyDead(pid, { ...identity, pidStart: '1' }), true);
  assert.equal(isProvablyDead(pid, { ...identity, boot: 'another' }), false);
  assert.equal(isProvablyDead(pid, { ...identity, pidNamespace: 'another' }), false);
  await end();
  assert.equal(isProvablyDead(pid, identity), true);
});

test('F26 a process that /proc hides is not dead, as with hidepid', { skip: needsProc }, async (t) => {
  const { pid, end } = await start();
  const identity = identityOf(pid);
  const proc = mkdtempSync(join(tmpdir(), 'holdfast-proc-'));
  t.after(() => rmSync(proc, { recursive: true }));
  mkdirSync(join(proc, 'sys'));
  symlinkSync('/proc/sys/kernel', join(proc, 'sys/kernel'));
  for (const shown of ['self', String(process.pid)]) symlinkSync(`/proc/${shown}`, join(proc, shown));
  assert.equal(isProvablyDead(pid, identity, proc), false);
  await end();
  assert.equal(isProvablyDead(pid, identity, proc), true);
});
