// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the text of pattern files
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PatternList } from './path-pattern.ts';
import { parsePatternFile } from './pattern-file.ts';

const environment = { HOME: '/home/ada', A_1: 'x', '1': 'one' };
const line = (text: string): string[] => parsePatternFile(text, environment);

test('a line is a pattern; comments, empty lines and white space around go', () => {
  assert.deepEqual(line('\ufeff# comment\r\n\n  *.o \r\n\t#another\n!keep.o\nwith space inside\na#b'), [
    '*.o',
    '!keep.o',
    'with space inside',
    'a#b',
  ]);
  assert.deepEqual(line(''), []);
});

test('the environment is expanded as Go does it', () => {
  for (const [text, expected] of [
    ['$HOME/x', '/home/ada/x'],
    ['${HOME}x', '/home/adax'],
    ['$HOMEx', ''],
    ['$A_1.$A_1', 'x.x'],
    ['a$$b', 'a$b'],
    ['${$}', '$'],
    ['$$HOME', '$HOME'],
    ['cost$', 'cost$'],
    ['$.x', '$.x'],
    ['$1st', 'onest'],
    ['*.$*', '*.'],
    ['a${}b', 'ab'],
    ['a${HOME', 'aHOME'],
    ['$UNSET', ''],
    ['$toString', ''],
  ] as const) {
    assert.deepEqual(line(text), [expected], text);
  }
});

test('without an environment a dollar is a dollar', () => {
  assert.deepEqual(parsePatternFile('$HOME\n'), ['$HOME']);
});

test('bytes may be UTF-8 with a mark, UTF-16, or no text at all', () => {
  const utf16 = Buffer.from('\ufeffä*\n*.o', 'utf16le');
  assert.deepEqual(parsePatternFile(utf16, {}), ['ä*', '*.o']);
  assert.deepEqual(parsePatternFile(Buffer.from(utf16).swap16(), {}), ['ä*', '*.o']);
  assert.deepEqual(parsePatternFile(Buffer.from('\ufeffä\n'), {}), ['ä']);
  const list = PatternList.parse(parsePatternFile(Buffer.from('/M\xfcller/*\n', 'latin1'), {}));
  assert.ok(list.match(Buffer.from('/M\xfcller/x', 'latin1')).matched);
  assert.ok(!list.match(Buffer.from('/M\xf6ller/x', 'latin1')).matched);
});
