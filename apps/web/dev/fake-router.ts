import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { api, type Change, type RunDetails, type SecretName, storagePlace } from '@holdfast/contract';
import { implement, ORPCError } from '@orpc/server';
import { makeSample, progressOf } from './make-sample.ts';
import { describeLink, findingsOf, sampleCommands, tryLinks } from './sample-chains.ts';
import { dayMs, entriesOf, hourMs, idOf, runOf, type SampleData, serverOf, snapshotIdOf, summaryOf } from './sample-data.ts';

const stepMs = 400;

/** A Holdfast that lives in memory and does nothing. `empty`: as on its first day. */
export function makeFakeRouter({ empty, fast = false }: { empty: boolean; fast?: boolean }) {
  const sample: SampleData = makeSample(Date.now());
  const data: SampleData = empty
    ? { servers: [], backups: [], connections: [], runs: [], snapshots: [], logs: new Map(), tokens: [], audit: [], deliveries: [] }
    : sample;
  let user = empty ? null : { id: 'u1', name: 'Ada Byron', email: 'ada@example.org' };
  let signedIn = false;
  let telegram = {
    enabled: true,
    chat: '-1001234567890',
    hasToken: !empty,
    lastDeliveredMs: Date.now() - 9 * hourMs,
    lastError: null as string | null,
  };
  let next = 100_000;
  const listeners = new Set<(change: Change) => void>();
  const change = (noun: Change['noun'], id = ''): void => {
    for (const listener of listeners) listener({ noun, id });
  };
  const fail = (
    code: 'NOT_FOUND' | 'BAD_REQUEST' | 'CONFLICT' | 'UNAUTHORIZED' | 'FORBIDDEN',
    message: string,
    field: string | null = null,
    hint: string | null = null,
  ) => new ORPCError(code, { message, data: { code: code.toLowerCase().replaceAll('_', '-'), hint, field, requestId: 'req-7f3a' } });
  const find = <Item extends { id: string }>(items: readonly Item[], id: string): Item => {
    const found = items.find((item) => item.id === id);
    if (found === undefined) throw fail('NOT_FOUND', 'There is no such thing here any more.', null, 'Somebody may have removed it.');
    return found;
  };
  const pageOf = <Item>(items: Item[], after: string | undefined, limit: number) => {
    const start = after === undefined ? 0 : Number(after);
    return { items: items.slice(start, start + limit), next: start + limit < items.length ? String(start + limit) : null };
  };
  const newId = (): string => idOf(next++);
  const startRun = (part: Partial<RunDetails> & { title: string }): RunDetails => {
    const run = runOf(next++, part.title, Date.now(), {
      state: 'running',
      outcome: null,
      trigger: 'person',
      endedMs: null,
      files: null,
      bytes: null,
      addedBytes: null,
      progress: progressOf(0),
      ...part,
    });
    data.runs.unshift(run);
    data.logs.set(run.id, [{ seq: 0, atMs: Date.now(), level: 'info', text: 'Starting' }]);
    const backup = data.backups.find(({ id }) => id === run.backupId);
    if (backup !== undefined) backup.lastRun = summaryOf(run);
    let share = 0;
    const timer = setInterval(() => {
      share += fast ? 0.2 : 0.02;
      const log = data.logs.get(run.id) ?? [];
      if (run.state === 'ended') share = 2;
      else if (share < 1) {
        run.progress = progressOf(share);
        log.push({ seq: log.length, atMs: Date.now(), level: 'info', text: `Read ${Math.round(share * 100)} %` });
      } else
        Object.assign(run, {
          state: 'ended',
          outcome: 'succeeded',
          endedMs: Date.now(),
          progress: null,
          files: 48_211,
          bytes: 96_636_764_160,
          addedBytes: 734_003_200,
        });
      if (share >= 1) clearInterval(timer);
      if (backup !== undefined)
        Object.assign(backup, {
          lastRun: summaryOf(run),
          ...(share >= 1 ? { health: 'healthy', healthReason: 'The last run succeeded.', lastSuccessMs: Date.now() } : {}),
        });
      change('run', run.id);
    }, stepMs);
    timer.unref();
    return run;
  };
  const base = implement(api).$context<{ headers: Record<string, unknown> }>();
  const os = base.use(({ next: go, path }) => {
    if (!signedIn && !['setupState', 'setUp', 'signIn'].includes(path.at(-1) ?? '')) throw fail('UNAUTHORIZED', 'Sign in first.');
    return go();
  });
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  return os.router({
    account: {
      setupState: os.account.setupState.handler(() => ({
        needsAdministrator: user === null,
        needsToken: true,
        version: '0.1.0',
        defaultTimeZone: 'Europe/Berlin',
      })),
      setUp: os.account.setUp.handler(({ input }) => {
        if (input.token !== 'let-me-in')
          throw fail('FORBIDDEN', 'This is not the set-up token.', 'token', 'Look at the console where Holdfast was started.');
        user = { id: 'u1', name: input.name, email: input.email };
        signedIn = true;
        return user;
      }),
      signIn: os.account.signIn.handler(({ input }) => {
        if (user === null || input.password === 'wrong') throw fail('UNAUTHORIZED', 'Address or password is wrong.');
        signedIn = true;
        return user;
      }),
      signOut: os.account.signOut.handler(() => {
        signedIn = false;
        return {};
      }),
      me: os.account.me.handler(() => user ?? { id: '', name: '', email: '' }),
      updateMe: os.account.updateMe.handler(({ input }) => {
        user = { id: 'u1', name: input.name ?? user?.name ?? '', email: input.email ?? user?.email ?? '' };
        return user;
      }),
      changePassword: os.account.changePassword.handler(({ input }) => {
        if (input.current === 'wrong') throw fail('BAD_REQUEST', 'This is not your current password.', 'current');
        return {};
      }),
      listTokens: os.account.listTokens.handler(() => data.tokens),
      createToken: os.account.createToken.handler(({ input }) => {
        const record = {
          id: newId(),
          name: input.name,
          scope: input.scope,
          createdMs: Date.now(),
          expiresMs: Date.now() + input.expiresInDays * dayMs,
          lastUsedMs: null,
        };
        data.tokens.push(record);
        return { token: 'holdfast_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', record };
      }),
      deleteToken: os.account.deleteToken.handler(({ input }) => {
        data.tokens = data.tokens.filter(({ id }) => id !== input.id);
        return {};
      }),
    },
    overview: {
      get: os.overview.get.handler(() => ({
        backups: {
          healthy: 0,
          warning: 0,
          failing: 0,
          overdue: 0,
          unproven: 0,
          paused: 0,
          new: 0,
          ...Object.fromEntries(
            Object.entries(Object.groupBy(data.backups, ({ health }) => health)).map(([key, list]) => [key, list.length]),
          ),
        },
        running: data.runs.filter(({ state }) => state !== 'ended').map(summaryOf),
        recent: data.runs
          .filter(({ state }) => state === 'ended')
          .slice(0, 8)
          .map(summaryOf),
        upcoming: data.backups
          .flatMap(({ id, config, nextRunMs }) => (nextRunMs === null ? [] : [{ backupId: id, name: config.name, atMs: nextRunMs }]))
          .sort((a, b) => a.atMs - b.atMs),
        storedBytes: empty ? 0 : 2_324_633_720_832,
        storageServersUnreachable: data.servers.filter(({ status }) => status.reachable === false).length,
        storageServers: data.servers.length,
        recoveryKeysNotTaken: data.servers.filter(({ recoveryKeyTakenMs }) => recoveryKeyTakenMs === null).length,
        days: Array.from({ length: 30 }, (_, index) => ({
          day: new Date(Date.now() - (29 - index) * dayMs).toISOString().slice(0, 10),
          succeeded: empty || index === 9 ? 0 : 9 + ((index * 7) % 5),
          partial: !empty && index % 11 === 3 ? 2 : 0,
          failed: !empty && (index === 18 || index === 25) ? 3 : 0,
          missed: !empty && index === 23 ? 4 : 0,
        })),
      })),
      changes: os.overview.changes.handler(async function* ({ signal }) {
        const queue: Change[] = [];
        const listener = (one: Change): void => void queue.push(one);
        listeners.add(listener);
        try {
          while (signal?.aborted !== true) {
            while (queue.length > 0) yield queue.shift() as Change;
            await wait(200);
          }
        } finally {
          listeners.delete(listener);
        }
      }),
      audit: os.overview.audit.handler(({ input }) => pageOf(data.audit, input.after, input.limit)),
      directory: os.overview.directory.handler(({ input }) => {
        try {
          const directories = readdirSync(input.path, { withFileTypes: true })
            .filter((one) => one.isDirectory())
            .map(({ name }) => name)
            .sort();
          return { path: input.path, parent: input.path === '/' ? null : dirname(input.path), directories };
        } catch {
          throw fail('NOT_FOUND', `There is no directory ${input.path}.`, 'path', 'Choose another one.');
        }
      }),
    },
    backups: {
      list: os.backups.list.handler(() => data.backups),
      get: os.backups.get.handler(({ input }) => find(data.backups, input.id)),
      create: os.backups.create.handler(({ input }) => {
        const { source } = input.config;
        if (source.driver === 'files' && source.paths.some((path) => path.includes('missing')))
          throw fail('BAD_REQUEST', 'There is no such directory.', 'config.source.paths.0', 'Choose one that is there.');
        const backup = {
          id: newId(),
          version: 1,
          config: input.config,
          hasSourcePassword: typeof input.sourcePassword === 'string',
          paused: false,
          createdMs: Date.now(),
          health: 'new' as const,
          healthReason: 'It has not run yet.',
          nextRunMs: Date.now() + 9 * hourMs,
          lastRun: null,
          lastSuccessMs: null,
          snapshots: 0,
        };
        data.backups.push(backup);
        change('backup', backup.id);
        return backup;
      }),
      update: os.backups.update.handler(({ input }) => {
        const backup = find(data.backups, input.id);
        if (backup.version !== input.version) throw fail('CONFLICT', 'This backup was changed meanwhile.', null, 'Load it again.');
        Object.assign(backup, { config: input.config, version: backup.version + 1 });
        if (input.sourcePassword !== undefined) backup.hasSourcePassword = input.sourcePassword !== null;
        change('backup', backup.id);
        return backup;
      }),
      clone: os.backups.clone.handler(({ input }) => {
        const copy = {
          ...structuredClone(find(data.backups, input.id)),
          id: newId(),
          paused: true,
          health: 'paused' as const,
          lastRun: null,
          snapshots: 0,
        };
        copy.config.name = input.name;
        data.backups.push(copy);
        return copy;
      }),
      setPaused: os.backups.setPaused.handler(({ input }) =>
        Object.assign(find(data.backups, input.id), { paused: input.paused, health: input.paused ? 'paused' : 'healthy' }),
      ),
      run: os.backups.run.handler(({ input }) => {
        const { id, config } = find(data.backups, input.id);
        return summaryOf(startRun({ title: config.name, backupId: id, config }));
      }),
      remove: os.backups.remove.handler(({ input }) => {
        data.backups = data.backups.filter(({ id }) => id !== input.id);
        return {};
      }),
      versions: os.backups.versions.handler(({ input }) => {
        const { config } = find(data.backups, input.id);
        return [1, 2, 3].map((version) => ({
          version,
          config,
          changedMs: Date.now() - (4 - version) * 40 * dayMs,
          changedBy: 'Ada Byron',
        }));
      }),
      probe: os.backups.probe.handler(async ({ input }) => {
        await wait(300);
        const place = ['local', ...input.chain.map((id) => describeLink(find(data.connections, id).options))].slice(-2).join(' → ');
        return findingsOf(input.source, place);
      }),
      explain: os.backups.explain.handler(() => sampleCommands()),
      previewRetention: os.backups.previewRetention.handler(({ input }) =>
        data.snapshots
          .filter(({ storageServerId, backupId }) => storageServerId === input.storageServerId && backupId === input.id)
          .map(({ id, timeMs, pinned }, index) => ({
            id,
            timeMs,
            keep: pinned || index < 13 || index % 3 === 0,
            rule: pinned
              ? 'pinned'
              : index === 0
                ? 'newest'
                : index < 4
                  ? 'all'
                  : index < 9
                    ? `daily ${new Date(timeMs).toISOString().slice(0, 10)}`
                    : index < 13 || index % 3 === 0
                      ? `monthly ${new Date(timeMs).toISOString().slice(0, 7)}`
                      : 'not the latest of its month',
            untilMs: pinned || index === 0 ? null : timeMs + 30 * dayMs,
          })),
      ),
      previewSchedule: os.backups.previewSchedule.handler(({ input }) => {
        if ('cron' in input.schedule && input.schedule.cron.trim().split(/\s+/).length !== 5)
          throw fail('BAD_REQUEST', 'A cron line has five fields.', 'schedule.cron');
        return {
          description: 'cron' in input.schedule ? 'Every 15 minutes from 06:00 to 20:59, Monday to Friday.' : 'At 03:30 every day.',
          fires: Array.from({ length: input.count }, (_, index) => Date.now() + (index + 0.6) * dayMs),
        };
      }),
    },
    connections: {
      list: os.connections.list.handler(() => data.connections),
      get: os.connections.get.handler(({ input }) => find(data.connections, input.id)),
      create: os.connections.create.handler(({ input: { name, options, secrets } }) => {
        if (data.connections.some((one) => one.name === name)) throw fail('CONFLICT', `There is a connection ${name} already.`, 'name');
        const names = Object.keys(secrets) as SecretName[];
        const connection = { id: newId(), name, options, secrets: names, createdMs: Date.now(), backupIds: [] };
        data.connections.push(connection);
        change('connection', connection.id);
        return connection;
      }),
      update: os.connections.update.handler(({ input: { id, secrets, ...part } }) => {
        const connection = Object.assign(find(data.connections, id), part);
        const changes = Object.entries(secrets) as [SecretName, string | null][];
        const kept = connection.secrets.filter((name) => !Object.hasOwn(secrets, name));
        connection.secrets = [...kept, ...changes.filter(([, value]) => value !== null).map(([name]) => name)];
        change('connection', id);
        return connection;
      }),
      remove: os.connections.remove.handler(({ input }) => {
        const { name, backupIds } = find(data.connections, input.id);
        const users = data.backups.filter(({ id }) => backupIds.includes(id)).map(({ config }) => config.name);
        if (users.length > 0)
          throw fail(
            'CONFLICT',
            `The connection ${name} cannot be removed: the backups ${users.join(', ')} go over it.`,
            null,
            'Take it out of their chains first.',
          );
        data.connections = data.connections.filter(({ id }) => id !== input.id);
        change('connection', input.id);
        return {};
      }),
      test: os.connections.test.handler(async ({ input: { chain, candidate } }) => {
        await wait(500);
        const links = chain.map((id) => find(data.connections, id).options);
        return tryLinks(candidate === undefined ? links : [...links, candidate.options]);
      }),
    },
    storageServers: {
      list: os.storageServers.list.handler(() => data.servers),
      get: os.storageServers.get.handler(({ input }) => find(data.servers, input.id)),
      proposal: os.storageServers.proposal.handler(() => ({ driver: 'local' as const, path: '/var/lib/holdfast/repository' })),
      test: os.storageServers.test.handler(async ({ input }) => {
        await wait(300);
        const ok = !storagePlace(input.options).startsWith('/proc');
        return {
          ok,
          holdsRepository: storagePlace(input.options).includes('restic'),
          freeBytes: ok ? 1_587_683_139_584 : null,
          error: ok
            ? null
            : {
                code: 'storage-denied',
                message: `Nothing can be written to ${storagePlace(input.options)}.`,
                hint: 'Choose a directory that Holdfast may write to.',
                retry: 'permanent' as const,
              },
        };
      }),
      create: os.storageServers.create.handler(({ input }) => {
        if (storagePlace(input.options).startsWith('/proc'))
          throw fail('BAD_REQUEST', 'Nothing can be written there.', 'options.path', 'Choose another directory.');
        const server = serverOf(next++, input.name, storagePlace(input.options), Date.now(), { recoveryKeyTakenMs: null });
        data.servers.push(server);
        return server;
      }),
      update: os.storageServers.update.handler(({ input }) => {
        const { id, secrets: _secrets, ...part } = input;
        return Object.assign(find(data.servers, id), part);
      }),
      remove: os.storageServers.remove.handler(({ input }) => {
        const server = find(data.servers, input.id);
        if (server.backupIds.length > 0)
          throw fail('CONFLICT', 'Backups still store onto it.', null, 'Take it out of their configuration first.');
        data.servers = data.servers.filter(({ id }) => id !== input.id);
        return {};
      }),
      refresh: os.storageServers.refresh.handler(({ input }) => find(data.servers, input.id)),
      recoveryKey: os.storageServers.recoveryKey.handler(({ input }) => {
        const server = Object.assign(find(data.servers, input.id), { recoveryKeyTakenMs: Date.now() });
        const password = 'tidal-kelp-harbour-granite-47-lantern-oriole';
        return {
          fileName: 'holdfast-recovery-key.txt',
          password,
          text: `Holdfast recovery key\n\nStorage server: ${server.name}\nDirectory: ${storagePlace(server.options)}\nPassword: ${password}\n\nTo restore without Holdfast:\n\n  restic -r ${storagePlace(server.options)} snapshots\n  restic -r ${storagePlace(server.options)} restore latest --target /tmp/restored\n`,
        };
      }),
    },
    runs: {
      list: os.runs.list.handler(({ input: { after, limit, ...filter } }) =>
        pageOf(
          data.runs
            .filter((run) => Object.entries(filter).every(([key, value]) => value === undefined || run[key as keyof RunDetails] === value))
            .map(summaryOf),
          after,
          limit,
        ),
      ),
      get: os.runs.get.handler(({ input }) => find(data.runs, input.id)),
      log: os.runs.log.handler(({ input }) =>
        (data.logs.get(input.id) ?? []).filter(({ seq }) => seq > input.afterSeq).slice(0, input.limit),
      ),
      cancel: os.runs.cancel.handler(({ input }) => {
        Object.assign(find(data.runs, input.id), { state: 'ended', outcome: 'cancelled', endedMs: Date.now(), progress: null });
        change('run', input.id);
        return {};
      }),
      events: os.runs.events.handler(async function* ({ input, signal }) {
        const run = find(data.runs, input.id);
        while (run.state !== 'ended' && signal?.aborted !== true) {
          if (run.progress !== null) yield run.progress;
          yield { type: 'log' as const, level: 'info' as const, text: 'step' };
          await wait(stepMs);
        }
      }),
      startMaintenance: os.runs.startMaintenance.handler(({ input }) =>
        summaryOf(
          startRun({ title: find(data.servers, input.storageServerId).name, kind: input.kind, storageServerId: input.storageServerId }),
        ),
      ),
      startRestore: os.runs.startRestore.handler(({ input }) => {
        if (input.target === '/')
          throw fail('BAD_REQUEST', 'Restoring over the root of this machine is refused.', 'target', 'Choose an empty directory.');
        return summaryOf(startRun({ title: 'Documents', kind: 'restore', backupId: idOf(11) }));
      }),
      startPush: os.runs.startPush.handler(({ input }) =>
        summaryOf(startRun({ title: 'Shop database', kind: 'restore', backupId: input.backupId ?? idOf(16) })),
      ),
    },
    snapshots: {
      list: os.snapshots.list.handler(({ input }) =>
        pageOf(
          data.snapshots.filter(({ backupId }) => input.backupId === undefined || backupId === input.backupId),
          input.after,
          input.limit,
        ),
      ),
      entries: os.snapshots.entries.handler(({ input }) => ({
        path: input.path,
        entries: entriesOf(input.path, Date.now()),
        truncated: false,
      })),
      downloadLink: os.snapshots.downloadLink.handler(({ input }) => ({
        url: `/download/${snapshotIdOf(1)}`,
        fileName: input.path.split('/').at(-1) ?? 'file',
      })),
      pin: os.snapshots.pin.handler(({ input }) => Object.assign(find(data.snapshots, input.id), { pinned: input.pinned })),
    },
    notifications: {
      telegram: os.notifications.telegram.handler(() => telegram),
      setTelegram: os.notifications.setTelegram.handler(({ input }) => {
        telegram = { ...telegram, enabled: input.enabled, chat: input.chat, hasToken: telegram.hasToken || input.token !== undefined };
        return telegram;
      }),
      testTelegram: os.notifications.testTelegram.handler(() => ({ delivered: false, error: 'Telegram answered 400: chat not found.' })),
      deliveries: os.notifications.deliveries.handler(() => data.deliveries),
    },
  });
}
