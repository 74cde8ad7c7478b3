import { setFlagsFromString } from 'node:v8';

// Before anything else is loaded. The work is in packs and WebAssembly memory: a young generation that grows would only take their room,
// so it has one size, at which threads are seldom interrupted.
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--min-semi-space-size=2');

const { returnFreedMemory } = await import('@holdfast/engine/memory-return');
returnFreedMemory();
const { runProgram } = await import('./program.ts');
const { rawArguments } = await import('./raw-arguments.ts');
process.exitCode = await runProgram(rawArguments(process.argv.slice(2)));
