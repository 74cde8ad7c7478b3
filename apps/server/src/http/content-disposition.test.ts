import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachment } from './content-disposition.ts';

test('any file name becomes a header that says the same name and nothing else', () => {
  assert.equal(attachment('a.txt'), `attachment; filename="a.txt"; filename*=UTF-8''a.txt`);
  assert.equal(attachment('Übung 1.txt'), `attachment; filename="_bung 1.txt"; filename*=UTF-8''%C3%9Cbung%201.txt`);
  for (const name of ['a"b\\c', 'x\r\nSet-Cookie: a=b', "it's (1)*.txt", '\ud800', '\u202egpj.exe', '100%', '']) {
    const header = attachment(name);
    assert.match(header, /^attachment; filename="[\x20\x21\x23-\x5b\x5d-\x7e]*"; filename\*=UTF-8''[\w%.!~-]*$/, header);
  }
});
