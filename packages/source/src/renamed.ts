import type { PushOptions } from './port.ts';

/** The name that a restore gives to what was called `name`. */
export function renamed({ rename = {} }: PushOptions, name: string): string {
  return Object.hasOwn(rename, name) ? (rename[name] ?? name) : name;
}
