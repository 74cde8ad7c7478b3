import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from './coded-error.ts';

test('a coded error carries what happened, what to do, and its cause', () => {
  const cause = new Error('EIO');
  const error = new CodedError({
    code: 'storage-io',
    message: 'The disk failed.',
    hint: 'Look into the log.',
    retry: 'temporary',
    context: { sizeBytes: 5, name: 'x' },
    cause,
  });
  assert.ok(error instanceof Error);
  assert.equal(error.name, 'CodedError');
  assert.equal(error.code, 'storage-io');
  assert.equal(error.message, 'The disk failed.');
  assert.equal(error.hint, 'Look into the log.');
  assert.equal(error.retry, 'temporary');
  assert.deepEqual(error.context, { sizeBytes: 5, name: 'x' });
  assert.equal(error.cause, cause);
  assert.match(error.stack ?? '', /coded-error\.test\.ts/);
});

test('without more words an error is permanent, with an empty context and no cause', () => {
  const error = new CodedError({ code: 'internal', message: 'Odd.' });
  assert.equal(error.retry, 'permanent');
  assert.equal(error.hint, undefined);
  assert.deepEqual(error.context, {});
  assert.equal(Object.hasOwn(error, 'cause'), false);
});

test('is() tells a coded error, of any or of one code, from everything else', () => {
  const error = new CodedError({ code: 'internal', message: 'Odd.' });
  assert.ok(CodedError.is(error));
  assert.ok(CodedError.is(error, 'internal'));
  assert.ok(!CodedError.is(error, 'storage-io'));
  for (const other of [new Error('internal'), { code: 'internal' }, 'internal', null, undefined]) assert.ok(!CodedError.is(other));
});
