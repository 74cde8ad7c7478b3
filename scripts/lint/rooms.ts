/**
 * Who may import whom, as data (docs/architecture.md explains why). A value names whole rooms, or one export of a room
 * (`storage/port`). A workspace that is missing here may not be imported and may not import: add it with its arrows.
 */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  connect: ['kernel'],
  source: ['kernel', 'connect'],
  storage: ['kernel', 'connect'],
  engine: ['kernel', 'storage/port'],
  contract: ['kernel'],
  control: ['kernel', 'contract'],
  notify: ['kernel', 'contract'],
  runner: ['kernel', 'contract', 'connect', 'source', 'storage', 'engine'],
  server: ['kernel', 'contract', 'control', 'notify', 'connect', 'source', 'storage', 'engine', 'runner'],
  web: ['contract'],
  cli: ['kernel', 'connect', 'source', 'storage', 'engine', 'contract', 'control', 'server'],
};

/** What a room's tests may import on top: an engine test needs a real storage driver to run against. */
export const testArrows: Readonly<Record<string, readonly string[]>> = {
  engine: ['storage'],
};

/** Folders of one room that must not see each other: files below `from` do not import files below `to`. Tests may. */
export const partitions: readonly { readonly room: string; readonly from: string; readonly to: string; readonly why: string }[] = [
  { room: 'engine', from: 'src/verbs/', to: 'src/repository/', why: 'a verb declares the narrow port it needs instead' },
];
