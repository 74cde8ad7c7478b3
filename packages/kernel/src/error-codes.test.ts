import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { errorCodes } from './error-codes.ts';

const document = readFileSync(join(import.meta.dirname, '../../../docs/errors.md'), 'utf8');
const sections = document.split(/^## /m).slice(1);

test('docs/errors.md has a section for each code, which opens with its sentence, and for nothing else', () => {
  const documented = sections.map((section) => {
    const [, code, sentence] = /^`([a-z-]+)`\n\n(.+)\n/.exec(section) ?? [];
    return [code, sentence];
  });
  assert.deepEqual(documented, Object.entries(errorCodes));
});

test('each section says more than its sentence: what to do', () => {
  for (const section of sections) assert.ok(section.trim().split('\n\n').length >= 3, section);
});
