import assert from 'node:assert/strict';
import { type ApiClient, BackupConfig, type MaintenancePlan } from '@holdfast/contract';
import type { SeededRandom } from './seeded-random.ts';

/** All that a person configured, as the API tells it; backups by name. */
interface Configuration {
  readonly backups: Readonly<Record<string, { readonly config: BackupConfig; readonly version: number; readonly paused: boolean }>>;
  readonly storageServer: { readonly name: string; readonly maintenance: MaintenancePlan };
  readonly telegram: { readonly enabled: boolean; readonly chat: string | null; readonly hasToken: boolean };
}

/** A change of the configuration: how it is asked for, and what is so afterwards. */
interface ConfigChange {
  readonly what: string;
  send(client: ApiClient): Promise<unknown>;
  readonly after: Configuration;
}

const mostScratch = 6;

/**
 * What the configuration must be, by all changes that were acknowledged. Of one that was under way when the server died nobody knows: it was
 * made whole or not at all.
 */
export class ConfigModel {
  readonly #random: SeededRandom;
  #state: Configuration;
  #ids: ReadonlyMap<string, string>;
  #storageServerId: string;
  #inDoubt: ConfigChange | undefined;
  #count = 0;
  acknowledged = 0;
  inDoubtMade = 0;
  inDoubtNotMade = 0;

  private constructor(random: SeededRandom, seen: Seen) {
    this.#random = random;
    this.#state = seen.configuration;
    this.#ids = seen.ids;
    this.#storageServerId = seen.storageServerId;
  }

  static async learn(random: SeededRandom, client: ApiClient): Promise<ConfigModel> {
    return new ConfigModel(random, await look(client));
  }

  /** Makes a change at random. If that fails, it is in doubt from then on. */
  async change(client: ApiClient): Promise<void> {
    const change = this.#draw();
    this.#inDoubt = change;
    await change.send(client);
    this.#inDoubt = undefined;
    this.#state = change.after;
    this.acknowledged++;
    if (Object.keys(change.after.backups).some((name) => !this.#ids.has(name))) this.#ids = (await look(client)).ids;
  }

  /** Fails unless the server has what was acknowledged. */
  async verify(client: ApiClient): Promise<void> {
    const { configuration, ids } = await look(client);
    if (this.#inDoubt !== undefined && isSame(configuration, this.#inDoubt.after)) {
      this.inDoubtMade++;
      this.#state = this.#inDoubt.after;
    } else {
      if (this.#inDoubt !== undefined) this.inDoubtNotMade++;
      assert.deepEqual(configuration, this.#state, `what was configured is not what is there (in doubt: ${this.#inDoubt?.what})`);
    }
    this.#inDoubt = undefined;
    this.#ids = ids;
  }

  #draw(): ConfigChange {
    const scratch = Object.keys(this.#state.backups).filter((name) => name.startsWith('scratch'));
    const kind = this.#random.below(8);
    if (scratch.length === 0 || (kind === 0 && scratch.length < mostScratch)) return this.#create();
    const name = this.#random.pick(scratch);
    if (kind === 1 && scratch.length < mostScratch) return this.#clone(name);
    if (kind === 2) return this.#remove(name);
    if (kind === 3) return this.#pause(name);
    if (kind === 4) return this.#changeStorageServer();
    if (kind === 5) return this.#setTelegram();
    return this.#update(this.#random.pick(Object.keys(this.#state.backups)));
  }

  #create(): ConfigChange {
    const name = `scratch ${++this.#count}`;
    // On 30 February: a run of it would stand in the way of removing it.
    const schedule = { months: [2], daysOfMonth: [30], hours: [this.#random.below(24)], minutes: [0] };
    const config = this.#altered({ ...this.#anyConfig(), name, schedule });
    return {
      what: `create ${name}`,
      send: async (client) => await client.backups.create({ config }),
      after: this.#with(name, { config, version: 1, paused: false }),
    };
  }

  #clone(from: string): ConfigChange {
    const name = `scratch ${++this.#count}`;
    const config = { ...this.#backup(from).config, name };
    return {
      what: `clone ${from} as ${name}`,
      send: async (client) => await client.backups.clone({ id: this.#id(from), name }),
      after: this.#with(name, { config, version: 1, paused: true }),
    };
  }

  #remove(name: string): ConfigChange {
    const { [name]: _gone, ...backups } = this.#state.backups;
    return {
      what: `remove ${name}`,
      send: async (client) => await client.backups.remove({ id: this.#id(name) }),
      after: { ...this.#state, backups },
    };
  }

  #pause(name: string): ConfigChange {
    const before = this.#backup(name);
    const paused = !before.paused;
    return {
      what: `pause ${name}`,
      send: async (client) => await client.backups.setPaused({ id: this.#id(name), paused }),
      after: this.#with(name, { ...before, paused }),
    };
  }

  #update(name: string): ConfigChange {
    const before = this.#backup(name);
    const config = this.#altered(before.config);
    const { version } = before;
    return {
      what: `update ${name} to version ${version + 1}`,
      send: async (client) => await client.backups.update({ id: this.#id(name), config, version }),
      after: this.#with(name, { ...before, config, version: version + 1 }),
    };
  }

  #changeStorageServer(): ConfigChange {
    const name = `Disk ${++this.#count}`;
    const maintenance = { ...this.#state.storageServer.maintenance, checkEveryDays: 1 + this.#random.below(300) };
    return {
      what: `name the storage server ${name}`,
      send: async (client) => await client.storageServers.update({ id: this.#storageServerId, name, maintenance }),
      after: { ...this.#state, storageServer: { name, maintenance } },
    };
  }

  #setTelegram(): ConfigChange {
    const chat = `-100${++this.#count}`;
    const token = this.#random.below(2) === 0 ? `123456789:${'a'.repeat(30)}${this.#count}` : undefined;
    return {
      what: `tell the chat ${chat}`,
      send: async (client) => await client.notifications.setTelegram({ enabled: false, chat, ...(token === undefined ? {} : { token }) }),
      after: { ...this.#state, telegram: { enabled: false, chat, hasToken: this.#state.telegram.hasToken || token !== undefined } },
    };
  }

  /** Something else than it was, and nothing that changes what its runs leave. */
  #altered(config: BackupConfig): BackupConfig {
    const source = { ...config.source, excludes: [`*.no-such-${++this.#count}`] };
    return BackupConfig.parse({ ...config, source, timeLimitMinutes: 10 + this.#random.below(1_000) });
  }

  #anyConfig(): BackupConfig {
    return this.#backup(this.#random.pick(Object.keys(this.#state.backups))).config;
  }

  #backup(name: string): Configuration['backups'][string] {
    const backup = this.#state.backups[name];
    assert.ok(backup !== undefined, `no backup ${name}`);
    return backup;
  }

  #id(name: string): string {
    const id = this.#ids.get(name);
    assert.ok(id !== undefined, `no id of ${name}`);
    return id;
  }

  #with(name: string, backup: Configuration['backups'][string]): Configuration {
    return { ...this.#state, backups: { ...this.#state.backups, [name]: backup } };
  }
}

interface Seen {
  readonly configuration: Configuration;
  readonly ids: ReadonlyMap<string, string>;
  readonly storageServerId: string;
}

async function look(client: ApiClient): Promise<Seen> {
  const backups = await client.backups.list();
  const [server, ...others] = await client.storageServers.list();
  assert.ok(server !== undefined && others.length === 0, 'there is one storage server');
  const { enabled, chat, hasToken } = await client.notifications.telegram();
  return {
    configuration: {
      backups: Object.fromEntries(backups.map(({ config, version, paused }) => [config.name, { config, version, paused }])),
      storageServer: { name: server.name, maintenance: server.maintenance },
      telegram: { enabled, chat, hasToken },
    },
    ids: new Map(backups.map(({ id, config }) => [config.name, id])),
    storageServerId: server.id,
  };
}

function isSame(one: Configuration, other: Configuration): boolean {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch (error) {
    if (error instanceof assert.AssertionError) return false;
    throw error;
  }
}
