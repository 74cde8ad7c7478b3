/** The figures of a prune, as restic names and counts them. Header bytes of packs are counted in no blob figure. */
export interface PruneFigures {
  readonly blobs: {
    readonly used: number;
    readonly duplicate: number;
    readonly unused: number;
    readonly total: number;
    readonly repack: number;
    readonly repackRemove: number;
    readonly remove: number;
    readonly removeTotal: number;
    readonly remaining: number;
  };
  readonly bytes: {
    readonly used: number;
    readonly duplicate: number;
    readonly unused: number;
    readonly unreferenced: number;
    readonly uncompressed: number;
    readonly total: number;
    readonly repack: number;
    readonly repackRemove: number;
    readonly remove: number;
    readonly removeTotal: number;
    readonly remaining: number;
    readonly remainingUnused: number;
  };
  readonly packs: {
    readonly used: number;
    readonly unused: number;
    readonly partlyUsed: number;
    readonly unreferenced: number;
    readonly total: number;
    readonly keep: number;
    readonly repack: number;
    readonly remove: number;
    readonly removeTotal: number;
  };
}
