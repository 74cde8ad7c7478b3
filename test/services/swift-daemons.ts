import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DaemonGroup } from './daemon-group.ts';
import { runProgram } from './run-program.ts';

/** Run by `startSwift` in a process of its own: lays out rings of one device in the folder, runs the four servers and ends with them. */
const folder = process.argv[2] ?? '';
const { secretAccessKey, ports } = JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8')) as {
  readonly secretAccessKey: string;
  readonly ports: Readonly<Record<'proxy' | 'account' | 'container' | 'object', number>>;
};
const daemons = new DaemonGroup(folder);

function common(port: number): string {
  return ['[DEFAULT]', 'bind_ip = 127.0.0.1', `bind_port = ${port}`, `swift_dir = ${folder}`, 'user = root', 'workers = 0'].join('\n');
}

function backend(kind: 'account' | 'container' | 'object'): string {
  return `${common(ports[kind])}
devices = ${folder}/devices
mount_check = false
[pipeline:main]
pipeline = ${kind}-server
[app:${kind}-server]
use = egg:swift#${kind}
fallocate_reserve = 0
`;
}

const proxy = `${common(ports.proxy)}
[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats bulk s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = ${secretAccessKey} .admin
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
`;

/** Rings of one device each; by Swift's own library in one go, as its command would take nine runs; with Debian's Python, which has that. */
const makeRings = `
import sys
from swift.common.ring import RingBuilder
for kind, port in zip(('account', 'container', 'object'), sys.argv[2:]):
    builder = RingBuilder(4, 1, 0)
    builder.add_dev({'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': int(port), 'device': 'd1', 'weight': 1.0,
                     'replication_ip': '127.0.0.1', 'replication_port': int(port), 'meta': ''})
    builder.rebalance()
    builder.get_ring().save('%s/%s.ring.gz' % (sys.argv[1], kind))
`;

async function run(): Promise<void> {
  mkdirSync(join(folder, 'devices/d1'), { recursive: true });
  runProgram('/usr/bin/python3', ['-c', makeRings, folder, String(ports.account), String(ports.container), String(ports.object)]);
  for (const kind of ['account', 'container', 'object'] as const) {
    writeFileSync(join(folder, `${kind}.conf`), backend(kind));
    daemons.start(`swift-${kind}-server`, [join(folder, `${kind}.conf`)]);
  }
  writeFileSync(join(folder, 'proxy.conf'), proxy, { mode: 0o600 });
  daemons.start('swift-proxy-server', [join(folder, 'proxy.conf')]);
  for (const port of Object.values(ports)) await daemons.listens(port);
  writeFileSync(join(folder, 'ready'), '');
}

await daemons.run(run);
