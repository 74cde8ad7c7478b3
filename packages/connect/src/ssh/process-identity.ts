import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Names this process so that nobody else can ever be meant: its number together with when it started, in which numbering (a container has one
 * of its own) and since which start of the system.
 */
export function ownIdentity(): string {
  return identityOf(process.pid) ?? `unknown ${process.pid}`;
}

/** True only with proof: the numbering can be seen from here, and no process of that number and start time is in it. */
export function isProvablyDead(identity: string): boolean {
  const [boot, numbering, pid, ...rest] = identity.split(' ');
  const here = ownIdentity().split(' ');
  if (boot === undefined || numbering === undefined || pid === undefined || rest.length === 0) return false;
  if (boot === 'unknown' || here[0] === 'unknown') return false;
  if (boot !== here[0]) return true;
  return numbering === here[1] && /^[0-9]+$/.test(pid) && identityOf(Number(pid)) !== identity;
}

function identityOf(pid: number): string | undefined {
  const system = ofLinux();
  if (system !== undefined) {
    try {
      // The name of the program is between brackets and may hold anything; the start time is the 20th field behind it.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
      return start === undefined ? undefined : `${system} ${pid} ${start}`;
    } catch {
      return undefined;
    }
  }
  const shown = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' } });
  const started = shown.status === 0 ? shown.stdout.trim().replaceAll(/\s+/g, '-') : '';
  return started === '' ? undefined : `system pids ${pid} ${started}`;
}

function ofLinux(): string | undefined {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}
