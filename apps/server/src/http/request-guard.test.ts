import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { type GuardOptions, guardRequest, isLoopbackAddress } from './request-guard.ts';

const loopback: GuardOptions = { isLoopback: true, publicUrl: undefined };
const open: GuardOptions = { isLoopback: false, publicUrl: undefined };
const proxied: GuardOptions = { isLoopback: true, publicUrl: new URL('https://backup.example.org') };

function passes(options: GuardOptions, host: string, headers: Record<string, string> = {}, method = 'POST', protocol = 'http'): boolean {
  try {
    guardRequest({ method, headers, protocol, host }, options);
    return true;
  } catch (error) {
    assert.ok(CodedError.is(error, 'request-refused'));
    return false;
  }
}

test('on loopback only loopback names are answered to, so that no page can point its own name here', () => {
  for (const host of ['localhost:8484', '127.0.0.1:8484', '[::1]:8484', 'a.localhost', 'LOCALHOST.'])
    assert.ok(passes(loopback, host), host);
  for (const host of ['evil.example', 'localhost.evil.example:8484', '127.0.0.1.evil.example', '10.0.0.1', '', '[::2]:1']) {
    assert.equal(passes(loopback, host, {}, 'GET'), false, host);
  }
  assert.ok(passes(open, 'nas.local:8484'));
  assert.ok(passes(proxied, 'backup.example.org'));
  assert.equal(passes(proxied, 'other.example.org'), false);
});

test('a change is refused when a browser says that another page sends it', () => {
  const host = 'localhost:8484';
  assert.ok(passes(loopback, host, { origin: 'http://localhost:8484', 'sec-fetch-site': 'same-origin' }));
  assert.ok(passes(loopback, host));
  for (const origin of ['null', 'http://localhost:3000', 'https://localhost:8484', 'http://evil.example']) {
    assert.equal(passes(loopback, host, { origin }), false, origin);
  }
  for (const site of ['cross-site', 'same-site']) assert.equal(passes(loopback, host, { 'sec-fetch-site': site }), false, site);
  assert.equal(passes(loopback, host, { 'sec-fetch-site': 'cross-site' }, 'GET'), false);
  assert.ok(passes(loopback, host, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 'GET'));
  assert.equal(passes(loopback, host, { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 'POST'), false);
  assert.ok(passes(proxied, 'localhost:8484', { origin: 'https://backup.example.org' }));
});

test('a change is taken as JSON only, which no form can send', () => {
  const host = 'localhost:8484';
  for (const type of ['application/json', 'application/json; charset=utf-8'])
    assert.ok(passes(loopback, host, { 'content-type': type }), type);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonx']) {
    assert.equal(passes(loopback, host, { 'content-type': type }), false, type);
  }
});

test('which addresses only this machine reaches', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) assert.ok(isLoopbackAddress(address), address);
  for (const address of ['0.0.0.0', '::', '192.168.1.5', '1.127.0.0', 'nas.local', '127.0.0.1.example']) {
    assert.equal(isLoopbackAddress(address), false, address);
  }
});
