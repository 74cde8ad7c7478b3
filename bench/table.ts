import { type Measurement, median } from './measure.ts';

export interface Row {
  readonly title: string;
  /** By tool, in the order of the columns; the first is Holdfast, the second restic. */
  readonly results: ReadonlyMap<string, readonly Measurement[]>;
  /** Repository sizes in MiB by tool, where the row makes one. */
  readonly sizes: ReadonlyMap<string, number>;
}

/** The rows as a Markdown table: medians, the ratio of restic's to ours, processor seconds, peak memory, repository size. */
export function renderTable(rows: readonly Row[]): string {
  const lines = [
    '| what | tool | median s | times as fast as restic | CPU s | peak MiB | repository MiB | runs s |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |',
  ];
  for (const { title, results, sizes } of rows) {
    const reference = results.get('restic');
    for (const [tool, measurements] of results) {
      const wall = median(measurements.map((each) => each.wallSeconds));
      const ratio = reference === undefined ? '' : (median(reference.map((each) => each.wallSeconds)) / wall).toFixed(2);
      const cpu = median(measurements.map((each) => each.cpuSeconds)).toFixed(1);
      const peak = Math.max(...measurements.map((each) => each.peakMebibytes)).toFixed(0);
      const runs = measurements.map((each) => each.wallSeconds.toFixed(1)).join(' ');
      lines.push(`| ${title} | ${tool} | ${wall.toFixed(2)} | ${ratio} | ${cpu} | ${peak} | ${sizes.get(tool) ?? ''} | ${runs} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}
