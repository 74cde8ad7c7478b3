import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CodedError, Secret } from '@holdfast/kernel';
import { type DockerEngine, startDockerd, whyNoDocker } from '../../../../test/services/dockerd.ts';
import { runProgram } from '../../../../test/services/run-program.ts';
import { blocks, elsewhere, runText } from '../../../../test/support/docker-chain.ts';
import type { Host } from '../port.ts';
import { dockerConnector } from './docker-connector.ts';
import type { EngineAddress } from './engine-dialer.ts';

type TlsAddress = Extract<EngineAddress, { kind: 'tls' }>;

/** An authority, and certificates of it for the engine and for its client. */
class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), 'holdfast-tls-'));

  constructor() {
    this.#openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=ca',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
    );
    this.#issue('server', 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
    this.#issue('client', 'extendedKeyUsage=clientAuth\n');
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  text(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  #issue(name: string, extensions: string): void {
    writeFileSync(this.path(`${name}.ext`), extensions);
    this.#openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    );
    this.#openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
    );
  }

  #openssl(...words: string[]): void {
    runProgram('openssl', words, { cwd: this.folder });
  }
}

void describe('an engine behind TLS', { skip: whyNoDocker() ?? false }, () => {
  let ours: Certificates;
  let strangers: Certificates;
  let engine: DockerEngine;
  let port: number;
  before(async () => {
    ours = new Certificates();
    strangers = new Certificates();
    port = await freePort();
    const files = [`--tlscacert=${ours.path('ca.pem')}`, `--tlscert=${ours.path('server.pem')}`, `--tlskey=${ours.path('server.key')}`];
    engine = await startDockerd([`--host=tcp://127.0.0.1:${port}`, '--tlsverify', ...files]);
    engine.run('main');
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    for (const { folder } of [ours, strangers]) rmSync(folder, { recursive: true });
  });

  const open = async (changes: Partial<TlsAddress> = {}): Promise<Host> => {
    const certificate = ours.text('client.pem');
    const address: TlsAddress = {
      kind: 'tls',
      host: '127.0.0.1',
      port,
      ca: ours.text('ca.pem'),
      certificate,
      key: new Secret(ours.text('client.key')),
      ...changes,
    };
    return await dockerConnector({ container: { name: 'main' }, engine: address })(elsewhere());
  };

  void test('commands and the end of their input pass it', async () => {
    await using host = await open();
    const { stdout, exit } = await runText(host, ['sh', '-c', 'wc -c; echo after the end'], { stdin: blocks(50, new Uint8Array(20_000)) });
    assert.deepEqual([stdout, exit], ['1000000\nafter the end\n', { kind: 'exited', code: 0 }]);
    assert.equal((await runText(host, ['head', '-c', '3000000', '/dev/zero'], { maximumStdoutBytes: 4_000_000 })).stdout.length, 3_000_000);
  });

  void test('F77 an engine that cannot prove who it is, or that does not know us, is not spoken with', async () => {
    const refused = (error: unknown): boolean => CodedError.is(error, 'link-unreachable');
    await assert.rejects(open({ ca: strangers.text('ca.pem') }), refused);
    await assert.rejects(open({ serverName: 'another.example.org' }), refused);
    await assert.rejects(open({ certificate: undefined, key: undefined }), refused);
    await assert.rejects(open({ certificate: strangers.text('client.pem'), key: new Secret(strangers.text('client.key')) }), refused);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return address.port;
}
