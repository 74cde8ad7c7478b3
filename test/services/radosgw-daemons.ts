import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DaemonGroup } from './daemon-group.ts';
import { runProgram } from './run-program.ts';

/** Run by `startRadosgw` in a process of its own: makes a cluster in the folder, runs its daemons and ends with them. */
const folder = process.argv[2] ?? '';
const settings = JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8')) as {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly monitorPort: number;
  readonly port: number;
};
const daemons = new DaemonGroup(folder);

const fsid = randomUUID();
const configuration = `[global]
fsid = ${fsid}
mon host = v2:127.0.0.1:${settings.monitorPort}/0
mon initial members = a
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
osd pool default size = 1
osd pool default min size = 1
osd crush chooseleaf type = 0
mon allow pool size one = true
osd pool default pg num = 4
osd pool default pgp num = 4
mon max pg per osd = 1000
run dir = ${folder}/run
keyring = ${folder}/keyring
admin socket = ${folder}/run/$name.asok
log file = ${folder}/out/$name.log
pid file = ${folder}/run/$name.pid
crash dir = ${folder}/out
ms bind msgr1 = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
[mon.a]
mon data = ${folder}/mon
[osd]
osd data = ${folder}/osd$id
osd objectstore = memstore
memstore device bytes = 4294967296
osd class load list = *
osd class default list = *
[client.rgw]
rgw data = ${folder}/rgw
rgw crypt require ssl = false
[mgr]
mgr data = ${folder}/mgr
mgr initial modules =
`;

const capabilities = {
  'mon.': ['mon', 'allow *'],
  'client.admin': ['mon', 'allow *', 'osd', 'allow *', 'mgr', 'allow *', 'mds', 'allow *'],
  'osd.0': ['mon', 'allow profile osd', 'mgr', 'allow profile osd', 'osd', 'allow *'],
  'mgr.x': ['mon', 'allow profile mgr', 'osd', 'allow *'],
  'client.rgw': ['mon', 'allow rw', 'osd', 'allow rwx', 'mgr', 'allow rw'],
} as const;

async function run(): Promise<void> {
  for (const name of ['run', 'out', 'mon', 'osd0', 'rgw', 'mgr']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'ceph.conf'), configuration);
  const keyring = join(folder, 'keyring');
  for (const [index, [name, words]] of Object.entries(capabilities).entries()) {
    const caps = Array.from({ length: words.length / 2 }, (_, i) => ['--cap', words[2 * i] ?? '', words[2 * i + 1] ?? '']).flat();
    runProgram('ceph-authtool', [...(index === 0 ? ['--create-keyring'] : []), keyring, '--gen-key', '-n', name, ...caps]);
  }
  const conf = ['-c', join(folder, 'ceph.conf')];
  const map = join(folder, 'monmap');
  runProgram('monmaptool', ['--create', '--fsid', fsid, '--addv', 'a', `[v2:127.0.0.1:${settings.monitorPort}]`, map]);
  runProgram('ceph-mon', [...conf, '-i', 'a', '--mkfs', '--monmap', map, '--keyring', keyring]);
  daemons.start('ceph-mon', [...conf, '-i', 'a', '-f']);
  const osd = randomUUID();
  runProgram('ceph', [...conf, 'osd', 'new', osd]);
  runProgram('ceph-osd', [...conf, '-i', '0', '--mkfs', '--osd-uuid', osd]);
  daemons.start('ceph-osd', [...conf, '-i', '0', '-f']);
  daemons.start('ceph-mgr', [...conf, '-i', 'x', '-f']);
  daemons.start('radosgw', [...conf, '-n', 'client.rgw', '-f', '--rgw-frontends', `beast endpoint=127.0.0.1:${settings.port}`]);
  await daemons.listens(settings.port);
  const account = [`--access-key=${settings.accessKeyId}`, `--secret-key=${settings.secretAccessKey}`];
  runProgram('radosgw-admin', [...conf, '-n', 'client.rgw', 'user', 'create', '--uid=tests', '--display-name=tests', ...account]);
  writeFileSync(join(folder, 'ready'), '');
}

await daemons.run(run);
