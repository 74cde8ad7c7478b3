import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiClient, type Backup, type ConnectionOptions, RetentionPolicy, type RunDetails, type Source } from '@holdfast/contract';
import { type DockerEngine, startDockerd } from '../services/dockerd.ts';
import { SshServer } from '../services/sshd.ts';
import { makeHostedImage } from './hosted-image.ts';
import { type HttpServer, password, startHttpServer } from './http-server.ts';
import { privateDirectories, processesWith } from './ssh-chain.ts';

/**
 * A Holdfast with a storage server, and connections that it knows by name: `one`, `two` and `three`, three hosts by SSH, and `box`, a container that
 * shows this machine's programs. All of them see the directory `root` at the same path.
 */
export class ChainedManager implements AsyncDisposable {
  readonly root: string;
  readonly server: HttpServer;
  readonly client: ApiClient;
  readonly engine: DockerEngine;
  readonly hops: readonly SshServer[];
  readonly #ids = new Map<string, string>();
  readonly #stack: AsyncDisposableStack;
  #storageServerId = '';

  private constructor(parts: Pick<ChainedManager, 'root' | 'server' | 'engine' | 'hops'>, stack: AsyncDisposableStack) {
    this.root = parts.root;
    this.server = parts.server;
    this.engine = parts.engine;
    this.hops = parts.hops;
    this.client = parts.server.client();
    this.#stack = stack;
  }

  static async start(): Promise<ChainedManager> {
    await using stack = new AsyncDisposableStack();
    const root = mkdtempSync('/tmp/hc-');
    stack.defer(() => rmSync(root, { recursive: true, force: true }));
    const hops: SshServer[] = [];
    for (let count = 0; count < 3; count++) hops.push(stack.use(await SshServer.start()));
    const engine = stack.use(await startDockerd());
    const server = stack.use(await startHttpServer());
    const manager = new ChainedManager({ root, server, engine, hops }, stack.move());
    try {
      await manager.#begin();
    } catch (error) {
      await manager[Symbol.asyncDispose]();
      throw error;
    }
    return manager;
  }

  async #begin(): Promise<void> {
    const { client, server } = this;
    this.runBox('box');
    await client.account.setUp({ name: 'Ada', email: 'ada@example.org', password });
    const options = { driver: 'local' as const, path: join(server.folder, 'storage') };
    this.#storageServerId = (await client.storageServers.create({ name: 'Disk', options })).id;
    for (const [index, name] of ['one', 'two', 'three'].entries()) await this.keepSsh(name, this.hops[index]);
    await this.keepBox('box');
  }

  /** Starts a container that shows this machine's programs and the root directory. */
  runBox(name: string): void {
    const hosted = makeHostedImage(this.engine);
    const options = [
      ...hosted,
      '--volume',
      `${this.root}:${this.root}`,
      '--network',
      'host',
      '--stop-timeout',
      '1',
      '--detach',
      '--name',
      name,
    ];
    this.engine.docker(['run', ...options, 'hosted', 'sleep', '100000']);
  }

  async keepBox(name: string): Promise<void> {
    const options: ConnectionOptions = {
      kind: 'docker',
      container: { by: 'name', name },
      program: 'docker',
      engine: { at: 'socket', path: this.engine.socket },
    };
    this.#ids.set(name, (await this.client.connections.create({ name, options })).id);
  }

  sshOptions({ port, user }: SshServer, hostKeys: string[]): ConnectionOptions {
    return { kind: 'ssh', host: '127.0.0.1', port, user, hostKeys, certificate: null, agentSocket: null };
  }

  /** As a person does it: tries, compares the key that is shown, pins it. */
  async keepSsh(name: string, hop: SshServer | undefined): Promise<void> {
    assert.ok(hop !== undefined);
    const secrets = { privateKey: hop.clientKey };
    const { failed } = await this.client.connections.test({ chain: [], candidate: { options: this.sshOptions(hop, []), secrets } });
    assert.equal(failed?.code, 'host-key-unknown');
    const shown = String(failed?.shownKey);
    assert.equal(shown, hop.hostKey.split(' ').slice(0, 2).join(' '));
    const connection = await this.client.connections.create({ name, options: this.sshOptions(hop, [shown]), secrets });
    assert.deepEqual(connection.secrets, ['privateKey']);
    this.#ids.set(name, connection.id);
  }

  idsOf(chain: readonly string[]): string[] {
    return chain.map((name) => this.#ids.get(name) ?? assert.fail(`no connection ${name}`));
  }

  async define(
    name: string,
    chain: readonly string[],
    source: Source,
    more: { password?: string; minutes?: number } = {},
  ): Promise<Backup> {
    const config = {
      name,
      chain: this.idsOf(chain),
      source,
      storageServerIds: [this.#storageServerId],
      schedule: null,
      timeZone: 'UTC',
      retention: RetentionPolicy.parse({}),
      retries: { times: 0, pauseMinutes: 1 },
      timeLimitMinutes: more.minutes ?? 60,
    };
    return await this.client.backups.create({ config, sourcePassword: more.password });
  }

  async run(backup: Backup): Promise<string> {
    return (await this.client.backups.run({ id: backup.id })).id;
  }

  /** A run's end. */
  async follow(id: string): Promise<RunDetails> {
    for await (const _ of await this.client.runs.events({ id }));
    return await this.client.runs.get({ id });
  }

  async succeeded(id: string): Promise<RunDetails> {
    const run = await this.follow(id);
    assert.equal(run.outcome, 'succeeded', JSON.stringify({ ...run, config: undefined }));
    return run;
  }

  async newestSnapshot(backupId: string): Promise<string> {
    const { items } = await this.client.snapshots.list({ backupId });
    return String(items[0]?.id);
  }

  /** Parts of the private keys of the hosts. */
  get secrets(): string[] {
    return this.hops.map(({ clientKey }) => clientKey.split('\n')[2] ?? '-');
  }

  /** What no run may leave: files of ours on any host of the chain, or a process that carries a secret or is ours. */
  nothingLeft(...secrets: string[]): void {
    assert.deepEqual(privateDirectories(), []);
    assert.deepEqual(processesWith([...secrets, ...this.secrets]), []);
    const places = ['/tmp', '/root', '/run', '/var', '-mindepth', '1', '-path', this.root, '-prune', '-o', '-print'];
    const inContainer = this.engine.docker(['exec', 'box', 'find', ...places]).split('\n');
    assert.deepEqual(
      inContainer.filter((path) => path !== '' && path !== '/var/lib'),
      [],
    );
    const running = this.engine.docker(['top', 'box', '-eo', 'pid,args']).trim().split('\n');
    assert.equal(running.length, 2, 'only what the container was started for runs');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** Files, nothing left out. */
export function filesAt(...paths: string[]): Source {
  return { driver: 'files', paths, excludes: [], excludeCaches: false, oneFileSystem: false, excludeLargerThanBytes: null };
}

/** Chains that are tried with every kind of source, by the names of their connections. */
export const triedChains = [['one'], ['one', 'two', 'three'], ['box'], ['one', 'box'], ['one', 'box', 'two']] as const;
