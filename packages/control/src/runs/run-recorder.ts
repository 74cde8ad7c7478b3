import type { LogLevel, RunEvent, RunProgress } from '@holdfast/contract';
import type { ControlContext } from '../control-context.ts';
import { nowMs } from '../now-ms.ts';
import type { ClaimedRun } from './run-row.ts';

/** Lines that a run's log holds at most; the last one then says so. */
export const mostLogLines = 5_000;
const longestLine = 4_000;

interface Line {
  readonly seq: number;
  readonly at_ms: number;
  readonly level: LogLevel;
  readonly text: string;
}

/** Keeps what a run tells, and writes it to the database when it is told to: the last progress, and all lines up to a number. */
export class RunRecorder {
  readonly #context: ControlContext;
  readonly #run: ClaimedRun;
  #progress: RunProgress | undefined;
  #lines: Line[] = [];
  #count = 0;

  constructor(context: ControlContext, run: ClaimedRun) {
    this.#context = context;
    this.#run = run;
  }

  add(event: RunEvent): void {
    if (event.type === 'progress') this.#progress = event;
    else this.log(event.level, event.text);
  }

  log(level: LogLevel, text: string): void {
    if (this.#count >= mostLogLines) return;
    const isLast = this.#count === mostLogLines - 1;
    const shown = isLast ? 'More was said than a log holds; the rest is left out.' : text.slice(0, longestLine);
    this.#lines.push({ seq: this.#count, at_ms: nowMs(this.#context.clock), level: isLast ? 'warning' : level, text: shown });
    this.#count++;
  }

  /** Writes what is new, if the run is still ours. What could not be written is tried again the next time. */
  async flush(): Promise<void> {
    const [progress, lines] = [this.#progress, this.#lines];
    if (progress === undefined && lines.length === 0) return;
    this.#progress = undefined;
    this.#lines = [];
    try {
      await this.#write(progress, lines);
    } catch (error) {
      this.#progress ??= progress;
      this.#lines = [...lines, ...this.#lines];
      throw error;
    }
    this.#context.changes.publish({ noun: 'run', id: this.#run.id });
  }

  async #write(progress: RunProgress | undefined, lines: readonly Line[]): Promise<void> {
    const { id, fence } = this.#run;
    await this.#context.database.transaction(async (tables) => {
      const ours = await tables
        .updateTable('run')
        .set(progress === undefined ? { fence } : { progress: JSON.stringify(progress) })
        .where('id', '=', id)
        .where('fence', '=', fence)
        .where('state', '=', 'running')
        .returning('id')
        .executeTakeFirst();
      if (ours === undefined || lines.length === 0) return;
      for (let index = 0; index < lines.length; index += 100) {
        const values = lines.slice(index, index + 100).map((line) => ({ run_id: id, ...line }));
        await tables.insertInto('run_log').values(values).execute();
      }
    });
  }
}
