import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalHost } from '@holdfast/connect/local';
import { type DockerEngine, startDockerd, whyNoDocker } from '../../../../test/services/dockerd.ts';
import { failure } from '../../../../test/support/failure.ts';
import { DockerVolumeOptions, findVolumes, restContainers } from './index.ts';

await suite('volumes of a container engine', { skip: whyNoDocker() }, async () => {
  let engine: DockerEngine;
  const host = new LocalHost();
  before(async () => {
    engine = await startDockerd();
    for (const volume of ['shop', 'other']) engine.docker(['volume', 'create', volume]);
    engine.run('db', ['--volume', 'shop:/data']);
    engine.run('web', ['--volume', 'shop:/srv']);
    engine.run('apart', ['--volume', 'other:/data']);
    engine.docker([
      'run',
      '--name',
      'ended',
      '--network',
      'none',
      '--volume',
      'shop:/data',
      'busybox',
      'sh',
      '-c',
      'echo "it is here" >/data/file',
    ]);
  });
  after(async () => {
    await host[Symbol.asyncDispose]();
    await engine[Symbol.asyncDispose]();
  });

  function options(containers: DockerVolumeOptions['containers'], ...volumes: string[]): DockerVolumeOptions {
    return DockerVolumeOptions.parse({ volumes, socket: engine.socket, containers });
  }

  function states(): string[] {
    const said = engine.docker(['ps', '--all', '--format', '{{.Names}} {{.State}}']);
    return said.trim().split('\n').sort();
  }

  const awake = ['apart running', 'db running', 'ended exited', 'web running'];

  test('they are found as directories of the host; one that is not there is named', async () => {
    const [found] = await findVolumes(host, options('run', 'shop'));
    assert.equal(readFileSync(join(String(found?.path), 'file'), 'utf8'), 'it is here\n');
    const error = await failure(findVolumes(host, options('run', 'shop', 'none')));
    assert.match(error.message, /no volume "none"/);
    assert.equal(error.code, 'source-not-found');
    const nobody = DockerVolumeOptions.parse({ volumes: ['shop'], socket: '/nobody/listens' });
    assert.equal((await failure(findVolumes(host, nobody))).code, 'source-unreachable');
    assert.ok(!DockerVolumeOptions.safeParse({ volumes: ['-v /:/x'] }).success);
  });

  for (const [containers, state] of [
    ['pause', 'paused'],
    ['stop', 'exited'],
  ] as const) {
    test(`those who use one are brought to rest (${containers}), and woken`, async () => {
      {
        await using resting = await restContainers(host, options(containers, 'shop'));
        assert.deepEqual(resting.names, ['db', 'web']);
        assert.deepEqual(states(), ['apart running', `db ${state}`, 'ended exited', `web ${state}`]);
      }
      assert.deepEqual(states(), awake);
    });
  }

  test('they are woken also when whoever asked is gone', async () => {
    const gone = new LocalHost();
    const resting = await restContainers(gone, options('pause', 'shop'));
    assert.equal(states().filter((each) => each.endsWith('paused')).length, 2);
    await gone[Symbol.asyncDispose]();
    await Promise.allSettled([resting[Symbol.asyncDispose]()]); // how it ended nobody can tell any more
    for (const endMs = performance.now() + 10_000; states().join() !== awake.join() && performance.now() < endMs; ) await delay(100);
    assert.deepEqual(states(), awake);
  });

  test('one that was at rest before stays so', async () => {
    engine.docker(['pause', 'web']);
    {
      await using resting = await restContainers(host, options('pause', 'shop'));
      assert.deepEqual(resting.names, ['db']);
    }
    assert.ok(states().includes('web paused') && states().includes('db running'));
    engine.docker(['unpause', 'web']);
  });

  test('nothing happens to any where nothing was asked for', async () => {
    await using resting = await restContainers(host, options('run', 'shop'));
    assert.deepEqual([resting.names, states()], [[], awake]);
  });
});
