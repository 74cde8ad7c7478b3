/** `attachment` with a name, by RFC 6266: a plain one for old programs and the exact one by RFC 8187. */
export function attachment(name: string): string {
  const safe = name.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '_').toWellFormed();
  const plain = safe.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const exact = encodeURIComponent(safe).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
