import { findRestic, resticPeerFolder } from '../support/restic.ts';
import { unpackNewestRestic } from './newest-restic.ts';
import { findPostgres } from './postgres-server.ts';
import { hasProgram, runProgram } from './run-program.ts';

/** Debian package → a program of it that tests run; besides these PostgreSQL, whose programs are not on PATH. */
const packages = {
  acl: 'setfacl',
  attr: 'setfattr',
  bash: 'bash',
  busybox: 'busybox',
  'ceph-mgr': 'ceph-mgr',
  'ceph-mon': 'ceph-mon',
  'ceph-osd': 'ceph-osd',
  chromium: 'chromium',
  dash: 'dash',
  'docker.io': 'dockerd',
  iptables: 'iptables',
  'mariadb-client': 'mariadb-dump',
  'mariadb-server': 'mariadb-install-db',
  'openssh-client': 'ssh',
  'openssh-server': '/usr/sbin/sshd',
  openssl: 'openssl',
  radosgw: 'radosgw',
  'redis-server': 'redis-server',
  sqlite3: 'sqlite3',
  'swift-account': 'swift-account-server',
  'swift-container': 'swift-container-server',
  'swift-object': 'swift-object-server',
  'swift-proxy': 'swift-proxy-server',
  zstd: 'zstd',
} as const;

function whyNotInstallable(): string | undefined {
  if (process.getuid?.() !== 0) return 'installing needs root';
  if (!hasProgram('apt-get') || !hasProgram('dpkg')) return 'installing needs apt';
  return undefined;
}

function attempt(what: string, install: () => void): string[] {
  const reason = whyNotInstallable();
  if (reason !== undefined) return [`${what} (${reason})`];
  try {
    install();
    return [];
  } catch (error) {
    return [`${what} (${error instanceof Error ? error.message : String(error)})`];
  }
}

function missingPackages(): string[] {
  const missing = Object.entries(packages).flatMap(([name, program]) => (hasProgram(program) ? [] : [name]));
  const needsPostgres = (process.env['HOLDFAST_POSTGRES_URL'] ?? '') === '' && findPostgres() === undefined;
  return needsPostgres ? [...missing, 'postgresql'] : missing;
}

/**
 * Installs what the tests need beyond npm's packages, where it may (root on Debian): the newest restic under .cache/peers, and a few
 * small packages. Does nothing when all is there. Returns what is missing afterwards, one line each; the tests that need it are skipped.
 */
export function installServices(): string[] {
  const missing = missingPackages();
  const problems: string[] = [];
  if (missing.length > 0) {
    problems.push(
      ...attempt(missing.join(', '), () => {
        runProgram('apt-get', ['-qq', 'update']);
        runProgram('apt-get', ['-qq', '--yes', '--no-install-recommends', 'install', ...missing]);
      }),
    );
  }
  if (findRestic() === undefined) problems.push(...attempt('restic 0.19 or later', () => unpackNewestRestic(resticPeerFolder)));
  return problems;
}
