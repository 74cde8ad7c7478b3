import type { Secret } from '@holdfast/kernel';

/** A text without the bot's token in any writing that a library or a server may give it: plain, in an address, in Base64, its secret half. */
export function redactToken(text: string, token: Secret): string {
  const plain = token.reveal();
  const half = plain.slice(plain.indexOf(':') + 1);
  const writings = [
    plain,
    encodeURIComponent(plain),
    encodeURI(plain),
    Buffer.from(plain).toString('base64'),
    half,
    encodeURIComponent(half),
  ];
  return writings.filter((writing) => writing.length > 0).reduce((redacted, writing) => redacted.replaceAll(writing, '***'), text);
}
