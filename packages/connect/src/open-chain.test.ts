import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { LocalHost } from './local-host.ts';
import { openChain } from './open-chain.ts';
import type { Connector, Host } from './port.ts';
import { runToEnd } from './run-to-end.ts';
import { testChain } from './test-chain.ts';

/** Links that note what is done with them, in front of this machine. */
function notingLinks(): { readonly log: string[]; link(name: string): Connector; broken(name: string, error: unknown): Connector } {
  const log: string[] = [];
  return {
    log,
    link: (name) => async (via) => {
      log.push(`open ${name} via ${via.description}`);
      return hostOf(name, via, log);
    },
    broken: (name, error) => async () => {
      log.push(`fail ${name}`);
      throw error;
    },
  };
}

function hostOf(name: string, via: Host, log: string[]): Host {
  return {
    description: name,
    exec: async (command, options) => await via.exec(command, options),
    dial: async (address, options) => await via.dial(address, options),
    explain: (command) => ({ steps: [...via.explain(command).steps, { place: name, line: 'x' }] }),
    async [Symbol.asyncDispose]() {
      log.push(`close ${name}`);
    },
  };
}

const denied = new CodedError({ code: 'link-denied', message: 'no', hint: 'try', retry: 'temporary', context: { link: 'c', extra: 1 } });

test('links are opened in order and closed in reverse; where the chain begins is not closed', async () => {
  const { log, link } = notingLinks();
  {
    await using host = await openChain(new LocalHost(), [link('a'), link('b'), link('c')]);
    assert.equal(host.description, 'c');
    assert.deepEqual((await runToEnd(host, { argv: ['true'] })).exit, { kind: 'exited', code: 0 });
    assert.deepEqual(
      host.explain({ argv: ['x'] }).steps.map(({ place }) => place),
      ['this machine', 'a', 'b', 'c'],
    );
  }
  assert.deepEqual(log, ['open a via this machine', 'open b via a', 'open c via b', 'close c', 'close b', 'close a']);
});

test('a link that fails closes those before it, and is named with its position', async () => {
  const { log, link, broken } = notingLinks();
  await assert.rejects(openChain(new LocalHost(), [link('a'), link('b'), broken('c', denied), link('d')]), (error) => {
    assert.ok(CodedError.is(error, 'link-denied'));
    assert.deepEqual([error.message, error.hint, error.retry], ['Link 3 of 4: no', 'try', 'temporary']);
    assert.deepEqual(error.context, { link: 'c', extra: 1, position: 3 });
    return true;
  });
  assert.deepEqual(log.slice(2), ['fail c', 'close b', 'close a']);
});

test('an earlier link that broke meanwhile is the one that is named', async () => {
  const { link, broken } = notingLinks();
  const lost = new CodedError({ code: 'connection-lost', message: 'a broke', context: { link: 'a' } });
  await assert.rejects(openChain(new LocalHost(), [link('a'), broken('b', lost)]), /^CodedError: Link 1 of 2: a broke$/);
});

test('an abort between two links closes what is open and passes its reason on', async () => {
  const { log, link } = notingLinks();
  const cancel = new AbortController();
  const reason = new CodedError({ code: 'cancelled', message: 'enough' });
  const opening = openChain(new LocalHost(), [link('a'), link('b')], { signal: cancel.signal, onOpened: () => cancel.abort(reason) });
  await assert.rejects(opening, reason);
  assert.deepEqual(log, ['open a via this machine', 'close a']);
});

test('a chain without links is the place where it begins', async () => {
  const start = new LocalHost();
  {
    await using host = await openChain(start, []);
    assert.equal(host.description, 'this machine');
  }
  assert.deepEqual((await runToEnd(start, { argv: ['true'] })).exit, { kind: 'exited', code: 0 }, 'it still works');
});

test('"test connection" gives a verdict on a failing link, and passes a defect on', async () => {
  const { link, broken } = notingLinks();
  const verdict = await testChain(new LocalHost(), [link('a'), broken('c', denied)]);
  assert.ok(!verdict.works);
  assert.deepEqual(verdict.failed, {
    position: 2,
    code: 'link-denied',
    message: 'Link 2 of 2: no',
    hint: 'try',
    context: { link: 'c', extra: 1, position: 2 },
  });
  assert.deepEqual(
    verdict.links.map(({ description }) => description),
    ['a'],
  );
  await assert.rejects(testChain(new LocalHost(), [broken('a', new TypeError('defect'))]), TypeError);
});

test('F16 "test connection" notices a place that changes bytes', async () => {
  const log: string[] = [];
  const changing: Connector = async (via) => ({
    ...hostOf('changing', via, log),
    exec: async (command, options) => await via.exec(command.argv[0] === 'cat' ? { argv: ['sed', 's/$/\\r/'] } : command, options),
  });
  const verdict = await testChain(new LocalHost(), [changing]);
  assert.ok(!verdict.works);
  assert.deepEqual([verdict.failed.position, verdict.failed.code], [2, 'command-failed']);
  assert.match(verdict.failed.message, /does not pass bytes on as they are/);
});
