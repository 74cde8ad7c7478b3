import { type FromRunner, type RunPlan, ToRunner } from '@holdfast/contract';
import { returnFreedMemory } from '@holdfast/engine';
import { CodedError } from '@holdfast/kernel';
import { executePlan, failedReport } from '../plan/execute-plan.ts';

/** After that time whoever has nobody to report to any more ends, whatever still runs. */
const orphanMs = 15_000;

/**
 * Serves one run in this process: takes the plan from the parent, tells what happens, hands over the report last, and ends the process; with
 * exit code 0 only after the report has left it. If the parent goes away the run is cancelled and the process ends.
 */
export function serveRun(self: NodeJS.Process): void {
  returnFreedMemory();
  new RunServer(self).listen();
}

class RunServer {
  readonly #self: NodeJS.Process;
  readonly #cancelling = new AbortController();
  #plan: RunPlan | undefined;
  #isEnding = false;

  constructor(self: NodeJS.Process) {
    this.#self = self;
  }

  listen(): void {
    const self = this.#self;
    self.on('message', (raw) => this.#receive(raw));
    self.on('disconnect', () => {
      this.#cancel('cancelled', 'The process that started the run went away');
      setTimeout(() => self.exit(1), orphanMs).unref();
      if (this.#plan === undefined) self.exit(1);
    });
    self.on('SIGTERM', () => this.#cancel('cancelled', 'The process of the run was asked to end'));
    // What a terminal sends is meant for the parent, which then decides.
    self.on('SIGINT', () => undefined);
    self.on('SIGHUP', () => undefined);
    self.on('uncaughtException', (error) => this.#die(error));
    self.on('unhandledRejection', (error) => this.#die(error));
  }

  #receive(raw: unknown): void {
    const message = ToRunner.safeParse(raw);
    // What is wrong with it is told, but not what it holds: it has passwords in it.
    if (!message.success) return this.#refuse(message.error.issues.map(({ path, code }) => `${path.join('.')}: ${code}`).join(', '));
    if (message.data.type === 'cancel') return this.#cancel(message.data.code, message.data.reason);
    if (this.#plan !== undefined) return this.#refuse('a second plan');
    this.#plan = message.data.plan;
    this.#execute(message.data.plan).catch((error: unknown) => this.#die(error));
  }

  async #execute(plan: RunPlan): Promise<void> {
    const report = await executePlan(plan, {
      signal: this.#cancelling.signal,
      onEvent: (event) => this.#send({ type: 'event', event }),
    });
    this.#end({ type: 'report', report }, 0);
  }

  #cancel(code: 'cancelled' | 'time-limit', message: string): void {
    this.#cancelling.abort(new CodedError({ code, message }));
  }

  #refuse(why: string): void {
    this.#self.stderr.write(`The process of a run was sent what is no message to it: ${why}\n`);
    this.#self.exit(1);
  }

  /** A defect: nothing that runs can be relied on any more. */
  #die(error: unknown): void {
    this.#self.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    if (this.#plan === undefined || this.#isEnding) this.#self.exit(1);

    this.#end(
      {
        type: 'report',
        report: failedReport(
          this.#plan,
          new CodedError({
            code: 'internal',
            message: error instanceof Error ? error.message : String(error),
            hint: 'This is a defect of Holdfast. Keep the log and report it.',
            cause: error,
          }),
        ),
      },
      1,
    );
  }

  /** Sends the last message and ends when it has left this process. */
  #end(message: FromRunner, code: number): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const self = this.#self;
    if (self.send === undefined || !self.connected) return self.exit(1);
    self.send(message, (error: Error | null) => self.exit(error === null ? code : 1));
  }

  #send(message: FromRunner): void {
    if (!this.#self.connected || this.#isEnding) return;
    this.#self.send?.(message, (error: Error | null) => {
      if (error !== null) this.#cancel('cancelled', 'The process that started the run takes no messages');
    });
  }
}
