import { CodedError } from '@holdfast/kernel';

const version = 2;
const headBytes = 4;
const entryBytes = 8;
/** Who an entry is for, and whether it names one user or group. */
const tags: Readonly<Record<number, { readonly who: string; readonly isNamed: boolean }>> = {
  1: { who: 'user', isNamed: false },
  2: { who: 'user', isNamed: true },
  4: { who: 'group', isNamed: false },
  8: { who: 'group', isNamed: true },
  16: { who: 'mask', isNamed: false },
  32: { who: 'other', isNamed: false },
};

/**
 * The long text of an ACL (`user:1000:rw-`, a line an entry) from the value of Linux's `system.posix_acl_*` attributes. Users and groups
 * are numbers, since their names may mean others where it is read. `format-invalid` if it is none.
 */
export function linuxAclText(value: Uint8Array): string {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const isWhole = value.byteLength >= headBytes && (value.byteLength - headBytes) % entryBytes === 0;
  if (!isWhole || view.getUint32(0, true) !== version) throw invalid();
  let text = '';
  for (let at = headBytes; at < value.byteLength; at += entryBytes) {
    const tag = tags[view.getUint16(at, true)];
    if (tag === undefined) throw invalid();
    const permissions = view.getUint16(at + 2, true);
    const id = tag.isNamed ? String(view.getUint32(at + 4, true)) : '';
    const shown = `${permissions & 4 ? 'r' : '-'}${permissions & 2 ? 'w' : '-'}${permissions & 1 ? 'x' : '-'}`;
    text += `${tag.who}:${id}:${shown}\n`;
  }
  return text;
}

function invalid(): CodedError {
  return new CodedError({
    code: 'format-invalid',
    message: 'An access control list cannot be understood',
    hint: 'Restore the entry instead.',
  });
}
