const invisible = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/**
 * A name as it may be shown: control characters and those that turn the direction of writing become `\u202e`, so that no file can look like
 * another one (`gpj.txt.exe`). For showing only, never for asking.
 */
export function visibleName(name: string): string {
  return name.replace(invisible, (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`);
}
