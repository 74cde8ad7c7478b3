import type { ChainVerdict, Connection, ConnectionOptions, ExplainedCommand, Source, SourceFindings } from '@holdfast/contract';
import { dayMs, idOf } from './sample-data.ts';

const pinned = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGqzVv0v1b1n5c8yQ9c9mY7x3h2k4s6d8f0g1h2j3k4l';
const shown = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOtherKeyOtherKeyOtherKeyOtherKeyOtherKeyOther';
const pinnedFingerprint = 'SHA256:uNiVztksCsDhcc0u9e8BrrJXVGDt3ps9v6KfLGUHqXs';
const shownFingerprint = 'SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM';

function ssh(host: string, user: string, part: object = {}): ConnectionOptions {
  return { kind: 'ssh', host, port: 22, user, hostKeys: [pinned], certificate: null, agentSocket: null, ...part };
}

/** The connections of the sample. */
export function sampleConnections(nowMs: number): Connection[] {
  const connection = (number: number, name: string, options: ConnectionOptions, part: Partial<Connection> = {}): Connection => ({
    id: idOf(number),
    name,
    options,
    secrets: options.kind === 'ssh' ? ['privateKey', 'passphrase'] : [],
    createdMs: nowMs - 200 * dayMs,
    backupIds: [],
    ...part,
  });
  return [
    connection(701, 'Bastion', ssh('bastion.example.org', 'backup'), { backupIds: [idOf(16), idOf(17)] }),
    connection(
      702,
      'Database container',
      { kind: 'docker', container: { by: 'service', service: 'db', project: 'shop' }, ...engine },
      {
        backupIds: [idOf(16)],
      },
    ),
    connection(703, 'Web server', ssh('web-01.internal', 'deploy', { port: 2222 }), { backupIds: [idOf(17)] }),
    connection(704, 'New server, not pinned', ssh('new.example.org', 'root', { hostKeys: [] }), { secrets: ['password'] }),
    connection(705, 'Reinstalled server', ssh('changed.example.org', 'root')),
  ];
}

const engine = { program: 'docker', engine: { at: 'default' } } as const;

/** What a link is called in a verdict. */
export function describeLink(options: ConnectionOptions): string {
  if (options.kind === 'ssh') return `ssh ${options.user}@${options.host}`;
  const { container } = options;
  return `${options.program} ${container.by === 'name' ? container.name : container.by === 'service' ? container.service : 'container'}`;
}

/** Goes over the links until one is what its host name says: `new` or without a key, `changed`, `down`. */
export function tryLinks(links: readonly ConnectionOptions[]): ChainVerdict {
  const reached: ChainVerdict['links'] = [];
  for (const [index, options] of links.entries()) {
    const failed = failureOf(options);
    if (failed !== null) return { works: false, links: reached, system: null, failed: { position: index + 1, ...failed } };
    reached.push({ description: describeLink(options), milliseconds: 83 + 121 * index });
  }
  return { works: true, links: reached, system: 'Linux 6.1.0-18-amd64 x86_64', failed: null };
}

function failureOf(options: ConnectionOptions): Omit<NonNullable<ChainVerdict['failed']>, 'position'> | null {
  if (options.kind !== 'ssh') return null;
  const nothing = { shownKey: null, shownFingerprint: null, pinnedFingerprints: null };
  const where = `${options.host}:${options.port}`;
  if (options.hostKeys.length === 0)
    return {
      code: 'host-key-unknown',
      message: `No host key of ${where} is pinned yet; it shows ${shownFingerprint} (ssh-ed25519)`,
      hint: 'Compare the fingerprint with the one of the host itself (ssh-keygen -lf on its /etc/ssh/ssh_host_*_key.pub), then pin the key.',
      shownKey: shown,
      shownFingerprint,
      pinnedFingerprints: null,
    };
  if (options.host.startsWith('changed') && !options.hostKeys.includes(shown))
    return {
      code: 'host-key-changed',
      message: `${where} shows the host key ${shownFingerprint} (ssh-ed25519), but pinned is ${pinnedFingerprint} (ssh-ed25519)`,
      hint: 'Somebody may stand between. Find out why the key changed (a new installation?) before you pin the new one.',
      shownKey: shown,
      shownFingerprint,
      pinnedFingerprints: pinnedFingerprint,
    };
  if (options.host.startsWith('down'))
    return {
      code: 'link-unreachable',
      message: `${where} could not be reached: connection refused`,
      hint: 'See whether the host is up and the port is right.',
      ...nothing,
    };
  return null;
}

/** What a look at a source finds. */
export function findingsOf(source: Source, place: string): SourceFindings {
  if (source.driver === 'files' || source.driver === 'sqlite')
    return {
      place,
      server: null,
      tools: [{ name: 'listing', version: 'GNU find' }],
      contents: source.paths.map((path) => ({ name: path, sizeBytes: null, selected: !path.includes('missing') })),
      problems: source.paths
        .filter((path) => path.includes('missing'))
        .map((path) => ({
          blocking: true,
          code: 'source-not-found',
          message: `${path} is not there`,
          hint: 'See whether the path is right, and whether that account may read it.',
        })),
      missing: source.driver === 'files' && place !== 'local' ? ['extended-attributes'] : [],
    };
  const chosen = 'databases' in source ? source.databases : 'all';
  const databases = { shop: 9_126_805_504, crm: 734_003_200, 'Analytics (old)': 81_788_928, postgres: 7_340_032 };
  return {
    place,
    server: 'PostgreSQL 16.4',
    tools: [
      { name: 'pg_dump', version: '16.4' },
      { name: 'psql', version: '16.4' },
    ],
    contents: Object.entries(databases).map(([name, sizeBytes]) => ({
      name,
      sizeBytes,
      selected: chosen === 'all' || chosen.includes(name),
    })),
    problems: [
      {
        blocking: false,
        code: 'source-denied',
        message: 'The role holdfast may not read the passwords of roles',
        hint: 'Roles are backed up without their passwords. A superuser may read them.',
      },
      ...(chosen === 'all' ? [] : chosen.filter((name) => !Object.hasOwn(databases, name))).map((name) => ({
        blocking: true,
        code: 'source-not-found',
        message: `There is no database ${name}`,
        hint: 'It was removed or has another name.',
      })),
    ],
    missing: [],
  };
}

/** The commands of the sample's backups. */
export function sampleCommands(): { backup: ExplainedCommand[]; restore: ExplainedCommand[] } {
  const through = (line: string): ExplainedCommand => [
    { place: 'local', line: `ssh -F /tmp/holdfast-ssh-…/config hop "docker exec -i shop-db-1 ${line.replaceAll('"', '\\"')}"` },
    { place: 'ssh backup@bastion.example.org', line: `docker exec -i shop-db-1 ${line}` },
    { place: 'docker db', line },
  ];
  return {
    backup: [
      through('pg_dumpall --globals-only --no-password'),
      through('pg_dump --format=custom --compress=0 --lock-wait-timeout=60000 --no-password --dbname=shop'),
    ],
    restore: [through('pg_restore --exit-on-error --single-transaction --no-password --dbname=shop')],
  };
}
