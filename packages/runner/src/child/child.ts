import module from 'node:module';
import { constants, getPriority, setPriority } from 'node:os';
import { setFlagsFromString } from 'node:v8';

// The entry of the process of a run. Before anything else is loaded: its threads inherit the priority, and the heap its settings.
const lowered = constants.priority.PRIORITY_BELOW_NORMAL;
if (getPriority() < lowered) setPriority(lowered); // it may be lower already, and must not be raised then
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--min-semi-space-size=2');
module.enableCompileCache();

const { serveRun } = await import('./serve-run.ts');
serveRun(process);
