import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { type Candidate, type ContainerChoice, chooseContainer, containerChoiceSchema } from './container-choice.ts';
import { dockerConnector } from './docker-connector.ts';

let made = 0;
function container(name: string, options: { labels?: Record<string, string>; isRunning?: boolean; id?: string } = {}): Candidate {
  const id = options.id ?? (++made).toString(16).padStart(64, '0');
  return { id, names: [name], labels: options.labels ?? {}, isRunning: options.isRunning ?? true };
}
function service(name: string, project: string, more: Record<string, string> = {}): Record<string, string> {
  return { 'com.docker.compose.service': name, 'com.docker.compose.project': project, ...more };
}
const chosen = (choice: ContainerChoice, listed: readonly Candidate[]): string | undefined =>
  chooseContainer(choice, listed, 'docker x').names[0];
const refused = (choice: ContainerChoice, listed: readonly Candidate[]): void => {
  assert.throws(
    () => chooseContainer(choice, listed, 'docker x'),
    (error) => CodedError.is(error, 'container-not-found') && error.context['link'] === 'docker x',
  );
};

void test('F21 a name is that name and no other: not a part of one, not the beginning of an id', () => {
  const listed = [container('db-1'), container('mydb'), container('db2'), container('other', { id: `db${'0'.repeat(62)}` })];
  refused({ name: 'db' }, listed);
  assert.equal(chosen({ name: 'db' }, [...listed, container('db')]), 'db');
});

void test('F21 an id is the beginning of an id, and not a name that looks like one', () => {
  const id = `deadbeef0123${'4'.repeat(52)}`;
  assert.equal(chosen({ id: 'deadbeef0123' }, [container('a', { id })]), 'a');
  refused({ id: 'deadbeef0123' }, [container('deadbeef0123')]);
});

void test('F21 a service of a project is found by its labels, and ambiguity is a failure that names the containers', () => {
  const shop = container('shop-db-1', { labels: service('db', 'shop') });
  const blog = container('blog-db-1', { labels: service('db', 'blog') });
  const oneOff = container('shop-db-run-1', { labels: service('db', 'shop', { 'com.docker.compose.oneoff': 'True' }) });
  assert.equal(chosen({ service: 'db', project: 'shop' }, [shop, blog, oneOff]), 'shop-db-1');
  assert.throws(() => chooseContainer({ service: 'db' }, [shop, blog], 'docker x'), /2 containers: shop-db-1, blog-db-1/);
  refused({ service: 'd', project: 'shop' }, [shop]);
});

void test('of several that fit, the only one that runs is meant', () => {
  const old = container('old', { labels: { role: 'db' }, isRunning: false });
  const now = container('now', { labels: { role: 'db' } });
  assert.equal(chosen({ label: 'role', value: 'db' }, [old, now]), 'now');
  assert.equal(chosen({ label: 'role' }, [old]), 'old');
  refused({ label: 'role' }, [old, now, container('also', { labels: { role: 'web' } })]);
});

void test('labels are data: names of built-in properties are nothing special', () => {
  refused({ label: 'constructor' }, [container('a')]);
  refused({ label: '__proto__' }, [container('a')]);
});

void test('F68 F69 hostile names and ids are refused before anything is asked', () => {
  for (const name of ['', '-it', '--help', 'a b', 'a;b', '$(id)', '../x', 'a/json?x=', 'a\nb', 'ü', 'x'.repeat(300)]) {
    assert.ok(!containerChoiceSchema.safeParse({ name }).success, JSON.stringify(name));
    assert.throws(
      () => dockerConnector({ container: { name } }),
      (error) => CodedError.is(error, 'invalid-argument'),
    );
  }
  for (const id of ['', 'abc', 'zzzzzzzzzzzz', 'DEADBEEF0123', '--deadbeef0123'])
    assert.ok(!containerChoiceSchema.safeParse({ id }).success, id);
  assert.ok(!containerChoiceSchema.safeParse({ label: 'a=b' }).success);
  assert.ok(!containerChoiceSchema.safeParse({ name: 'db', service: 'db' }).success);
});
