import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, serverFolder, startGuarded } from './guarded-server.ts';
import { hasProgram, runProgram } from './run-program.ts';
import { newS3Keys, type S3Keys, type S3Server } from './s3-server.ts';

export interface Radosgw extends S3Server {
  /** Makes another account, which may store so many bytes. */
  addAccount(name: string, quotaBytes?: number): S3Keys;
  /** Makes another key of the account. */
  addKey(): S3Keys;
}

/** Why there is no radosgw for tests, or undefined where there is. Under CI it must not be missing. */
export function whyNoRadosgw(): string | undefined {
  const missing = ['radosgw', 'ceph-mon', 'ceph-osd', 'ceph-mgr', 'ceph'].filter((program) => !hasProgram(program));
  if (missing.length === 0) return undefined;
  const reason = `needs ${missing.join(', ')}: see test/services/install.ts`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}

/**
 * Starts Ceph's S3 server on a loopback port, with a monitor, a manager and one store in memory behind it, all their state in one temporary
 * folder. It takes some 15 s to start and 700 MiB of memory.
 */
export async function startRadosgw(): Promise<Radosgw> {
  const place = serverFolder('radosgw', []);
  const keys = newS3Keys();
  const ports = [await freePort(), await freePort()];
  writeFileSync(join(place.folder, 'settings.json'), JSON.stringify({ ...keys, monitorPort: ports[0], port: ports[1] }), { mode: 0o600 });
  const program = [process.execPath, join(import.meta.dirname, 'radosgw-daemons.ts'), place.folder];
  const isUp = async (): Promise<void> => {
    if (!existsSync(join(place.folder, 'ready'))) throw new Error(readFileSync(join(place.folder, 'log'), 'utf8').slice(-500));
  };
  const server = await startGuarded(place, program, isUp);
  const admin = (...words: readonly string[]): string =>
    runProgram('radosgw-admin', ['-c', join(place.folder, 'ceph.conf'), '-n', 'client.rgw', ...words]);
  return {
    ...server,
    ...keys,
    endpoint: `http://127.0.0.1:${ports[1]}`,
    region: 'us-east-1',
    addKey: () => {
      const added = newS3Keys();
      admin('key', 'create', '--uid=tests', `--access-key=${added.accessKeyId}`, `--secret-key=${added.secretAccessKey}`);
      return added;
    },
    addAccount: (name, quotaBytes) => {
      const added = newS3Keys();
      const words = [
        `--uid=${name}`,
        `--display-name=${name}`,
        `--access-key=${added.accessKeyId}`,
        `--secret-key=${added.secretAccessKey}`,
      ];
      admin('user', 'create', ...words);
      if (quotaBytes !== undefined) {
        admin('quota', 'set', `--uid=${name}`, '--quota-scope=user', `--max-size=${quotaBytes}`);
        admin('quota', 'enable', `--uid=${name}`, '--quota-scope=user');
      }
      return added;
    },
  };
}
