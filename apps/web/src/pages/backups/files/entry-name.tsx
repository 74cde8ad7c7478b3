import type { SnapshotEntry } from '@holdfast/contract';
import { File, FileSymlink, Folder, Plug } from 'lucide-react';
import { visibleName } from '../../../parts/visible-name.ts';
import classes from './files.module.css';

const icons = { dir: Folder, file: File, symlink: FileSymlink } as const;

/** A name in a snapshot, always as text. Directories lead into themselves. */
export function EntryName({ entry, onPath }: { readonly entry: SnapshotEntry; readonly onPath: (path: string) => void }) {
  const Icon = entry.type === 'dir' || entry.type === 'file' || entry.type === 'symlink' ? icons[entry.type] : Plug;
  const words = (
    <>
      <Icon size={16} aria-hidden="true" className={classes['icon']} data-dir={entry.type === 'dir' || undefined} />
      <bdi className={classes['entryName']}>
        {visibleName(entry.name)}
        {entry.linkTarget === null ? null : <span className={classes['target']}> → {visibleName(entry.linkTarget)}</span>}
      </bdi>
    </>
  );
  if (entry.type !== 'dir') return <span className={classes['entry']}>{words}</span>;
  return (
    <button type="button" className={classes['entry']} onClick={() => onPath(entry.path)}>
      {words}
    </button>
  );
}
