import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackupPlan, RepositoryAccess, RunEvent, RunPlan, RunReport } from '@holdfast/contract';
import { RunReport as RunReportForm } from '@holdfast/contract';
import { Repository } from '@holdfast/engine';
import { Secret } from '@holdfast/kernel';
import { LocalStorage } from '@holdfast/storage/local';
import { type ExecuteOptions, executePlan } from '../plan/execute-plan.ts';

/** Access to a repository in a directory. */
export type LocalAccess = RepositoryAccess & { readonly storage: { readonly driver: 'local'; readonly path: string } };

/** For tests: a directory with a source and repositories in it, and plans about them. */
export class RunPlace implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'holdfast-runner-'));
  readonly source = join(this.root, 'source');
  readonly events: RunEvent[] = [];
  #runs = 0;

  constructor() {
    mkdirSync(this.source);
  }

  write(path: string, content: string | Uint8Array): void {
    const full = join(this.source, path);
    mkdirSync(join(full, '..'), { recursive: true });
    writeFileSync(full, content);
  }

  /** A new repository, quick to open. */
  async makeRepository(name: string, password = `password of ${name}`): Promise<LocalAccess> {
    const path = join(this.root, name);
    await using repository = await Repository.init({
      storage: new LocalStorage({ path }),
      password: new Secret(password),
      scrypt: { N: 1024, r: 8, p: 1 },
    });
    return { storageServerId: id(name.length), name, storage: { driver: 'local', path }, password, repositoryId: repository.id };
  }

  backupPlan(destinations: RepositoryAccess[], more: Partial<BackupPlan> = {}): BackupPlan {
    return {
      kind: 'backup',
      ...this.common(),
      chain: [],
      sourcePassword: null,
      hooks: [],
      source: {
        driver: 'files',
        paths: [this.source],
        excludes: [],
        excludeCaches: false,
        oneFileSystem: false,
        excludeLargerThanBytes: null,
      },
      destinations,
      compression: 'auto',
      hostname: 'stable-name',
      tags: ['holdfast', `backup=${id(1)}`],
      timeZone: 'Europe/Berlin',
      ...more,
    };
  }

  common(): { runId: string; title: string } {
    return { runId: id(1000 + this.#runs++), title: 'a test' };
  }

  /** Executes it in this process; the report must be of the form that the contract says. */
  async run<Plan extends RunPlan>(plan: Plan, options: Partial<ExecuteOptions> = {}): Promise<Extract<RunReport, { kind: Plan['kind'] }>> {
    const report = await executePlan(plan, {
      signal: new AbortController().signal,
      onEvent: (event) => this.events.push(event),
      lockWaitMs: 0,
      storageRetryMs: 0,
      ...options,
    });
    return RunReportForm.parse(report) as Extract<RunReport, { kind: Plan['kind'] }>;
  }

  log(): string {
    return this.events.flatMap((event) => (event.type === 'log' ? [`${event.level}: ${event.text}`] : [])).join('\n');
  }

  /** The locks that are left; not what a process was writing when it was killed, which no reader takes for a lock. */
  locks(access: LocalAccess): string[] {
    return readdirSync(join(access.storage.path, 'locks')).filter((name) => /^[0-9a-f]{64}$/.test(name));
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Runs restic on a repository; throws with what it says unless it ends well. */
export function runRestic(restic: string, access: LocalAccess, ...args: string[]): string {
  const env = { ...process.env, RESTIC_PASSWORD: access.password, RESTIC_REPOSITORY: access.storage.path };
  const { status, stdout, stderr } = spawnSync(restic, ['--no-cache', ...args], { env, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`restic ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

/** An id of the form that the contract wants. */
export function id(number: number): string {
  return number.toString(16).padStart(32, '0');
}
