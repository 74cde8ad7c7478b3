import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, serverFolder, startGuarded } from './guarded-server.ts';
import { hasProgram } from './run-program.ts';
import { newS3Keys, type S3Server } from './s3-server.ts';

/** Why there is no Swift for tests, or undefined where there is. Under CI it must not be missing. */
export function whyNoSwift(): string | undefined {
  if (process.getuid?.() !== 0) return 'OpenStack Swift needs root';
  const missing = ['swift-proxy-server', 'swift-account-server', 'swift-container-server', 'swift-object-server'].filter(
    (program) => !hasProgram(program),
  );
  if (missing.length === 0) return undefined;
  const reason = `needs ${missing.join(', ')}: see test/services/install.ts`;
  if (process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}

/**
 * Starts OpenStack Swift with its S3 interface on a loopback port, all its state in one temporary folder. It has neither conditional writes nor
 * the checksums of newer clients, and so is a second opinion.
 */
export async function startSwift(): Promise<S3Server> {
  const place = serverFolder('swift', []);
  const { secretAccessKey } = newS3Keys();
  const ports = { proxy: await freePort(), account: await freePort(), container: await freePort(), object: await freePort() };
  writeFileSync(join(place.folder, 'settings.json'), JSON.stringify({ secretAccessKey, ports }), { mode: 0o600 });
  const program = [process.execPath, join(import.meta.dirname, 'swift-daemons.ts'), place.folder];
  const isUp = async (): Promise<void> => {
    if (!existsSync(join(place.folder, 'ready'))) throw new Error(readFileSync(join(place.folder, 'log'), 'utf8').slice(-500));
  };
  const server = await startGuarded(place, program, isUp);
  return { ...server, accessKeyId: 'test:tester', secretAccessKey, endpoint: `http://127.0.0.1:${ports.proxy}`, region: 'us-east-1' };
}
