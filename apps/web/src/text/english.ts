import { account } from './account.ts';
import { admin } from './admin.ts';
import { backups, config, health } from './backups.ts';
import { chain, connections, secret } from './connections.ts';
import { files, restore } from './files.ts';
import { overview, welcome } from './overview.ts';
import { commands, push } from './restore-dumps.ts';
import { check, figure, reports, run } from './runs.ts';
import { retention, schedule } from './schedule.ts';
import { action, directory, problem, shell } from './shell.ts';
import { look, source } from './source.ts';
import { recovery, storage } from './storage.ts';

/** All words of the page. */
export const english = {
  account,
  action,
  admin,
  backups,
  chain,
  check,
  commands,
  config,
  connections,
  directory,
  figure,
  files,
  health,
  look,
  overview,
  problem,
  push,
  recovery,
  reports,
  restore,
  retention,
  run,
  schedule,
  secret,
  shell,
  source,
  storage,
  welcome,
};
