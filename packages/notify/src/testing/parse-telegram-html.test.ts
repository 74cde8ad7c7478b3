import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EntitiesError, parseTelegramHtml } from './parse-telegram-html.ts';

test('markup that the Bot API takes', () => {
  assert.deepEqual(parseTelegramHtml('a <b>b<i>c</i></b> &lt;&amp&#65;&#x42;&nbsp;&'), {
    text: 'a bc <&AB&nbsp;&',
    entities: [
      { type: 'bold', offset: 2, length: 2 },
      { type: 'italic', offset: 3, length: 1 },
    ],
  });
  assert.deepEqual(parseTelegramHtml('<a href="http://a/?x=1&amp;y=&quot;">😀</a><B>x</ >').entities, [
    { type: 'text_link', offset: 0, length: 2, url: 'http://a/?x=1&y="' },
    { type: 'bold', offset: 2, length: 1 },
  ]);
});

test('markup that the Bot API refuses, in its words', () => {
  const refused: readonly (readonly [string, string])[] = [
    ['ä<b', 'Unclosed start tag at byte offset 2'],
    ['<b>x', `Can't find end tag corresponding to start tag "b"`],
    ['<x>y</x>', 'Unsupported start tag "x" at byte offset 0'],
    ['1 < 2', 'Unsupported start tag "" at byte offset 2'],
    ['x</b>', 'Unexpected end tag at byte offset 1'],
    ['<b><i>x</b></i>', 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'],
    ['<b>x</b', 'Unclosed end tag at byte offset 4'],
    ['<a href="x', 'Unclosed start tag at byte offset 0'],
    ['<a href=>x</a>', 'Unexpected end of name token at byte offset 0'],
    ['<span>x</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
    ['<toString>x</toString>', 'Unsupported start tag "tostring" at byte offset 0'],
  ];
  for (const [html, message] of refused) {
    assert.throws(
      () => parseTelegramHtml(html),
      (error) => error instanceof EntitiesError && error.message === message,
      html,
    );
  }
});
