import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError, errorCodes } from '@holdfast/kernel';
import { errorAnswer } from './error-answer.ts';

function told(error: unknown): { answer: ReturnType<typeof errorAnswer>; defects: unknown[] } {
  const defects: unknown[] = [];
  return { answer: errorAnswer(error, 'r1', (defect) => defects.push(defect)), defects };
}

test('every coded error reaches the caller with its code, hint and field, as one of the answers of the contract', () => {
  for (const code of Object.keys(errorCodes) as (keyof typeof errorCodes)[]) {
    const { answer } = told(new CodedError({ code, message: 'm', hint: 'h', context: { field: 'a.b' } }));
    assert.ok([400, 401, 403, 404, 409, 429, 500, 503].includes(answer.status), code);
    if (code !== 'internal') assert.deepEqual(answer.data, { code, hint: 'h', field: 'a.b', requestId: 'r1' });
  }
  assert.equal(told(new CodedError({ code: 'unauthenticated', message: '' })).answer.status, 401);
  assert.equal(told(new CodedError({ code: 'storage-io', message: '', retry: 'temporary' })).answer.status, 503);
});

test('F78: what is no coded error is told to the log, and the caller gets its request id', () => {
  const { answer, defects } = told(new Error('password is hunter2'));
  assert.equal(answer.status, 500);
  assert.equal(defects.length, 1);
  assert.doesNotMatch(JSON.stringify(answer.toJSON()), /hunter2/);
  assert.match(JSON.stringify(answer.toJSON()), /"internal".*r1/);
});

test('an error of the HTTP layer is no defect', () => {
  const { answer, defects } = told(Object.assign(new Error('Body is too large'), { statusCode: 413 }));
  assert.deepEqual([answer.data.code, defects.length], ['request-refused', 0]);
});
