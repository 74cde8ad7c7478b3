import { appendFileSync, readFileSync } from 'node:fs';

interface Line {
  readonly event: 'begin' | 'end' | 'gone';
  readonly runId: string;
  readonly host: string;
}

/** What workers wrote of their runs, in the order in which it happened: they all append to one file. */
export class WorkLog {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
    appendFileSync(path, '');
  }

  /** Notes that a worker died in that run, so that nobody works at it any more. */
  gone(runId: string, host: string): void {
    appendFileSync(this.path, `gone ${runId} ${host} backup\n`);
  }

  lines(): Line[] {
    return readFileSync(this.path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [event = '', runId = '', host = ''] = line.split(' ');
        if (event !== 'begin' && event !== 'end' && event !== 'gone') throw new Error(`no line of a worker: ${line}`);
        return { event, runId, host };
      });
  }

  /** Runs that were begun, with how often. */
  begun(): Map<string, number> {
    const counts = new Map<string, number>();
    for (const { event, runId } of this.lines()) if (event === 'begin') counts.set(runId, (counts.get(runId) ?? 0) + 1);
    return counts;
  }

  /** How many runs were worked at together at most, for each thing that `thingsOf` says a run needs. */
  mostTogether(thingsOf: (runId: string, host: string) => readonly string[]): Map<string, number> {
    const now = new Map<string, number>();
    const most = new Map<string, number>();
    for (const { event, runId, host } of this.lines()) {
      for (const thing of thingsOf(runId, host)) {
        const count = (now.get(thing) ?? 0) + (event === 'begin' ? 1 : -1);
        now.set(thing, count);
        most.set(thing, Math.max(count, most.get(thing) ?? 0));
      }
    }
    return most;
  }
}
