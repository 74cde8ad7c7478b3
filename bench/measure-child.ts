import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import koffi from 'koffi';

// Runs a command and writes what it took to a file: `measure-child RESULT COMMAND ARGUMENT…`. A process of its own, because the operating
// system adds up the use of all children: this one has a single child (and what that child waits for).
const [result, command, ...arguments_] = process.argv.slice(2);
if (result === undefined || command === undefined) throw new Error('usage: measure-child RESULT COMMAND ARGUMENT…');

const getrusage = koffi.load(null).func('int getrusage(int who, _Out_ int64_t* usage)');
const childrenOfThis = -1;
const startNs = process.hrtime.bigint();
const { status, signal } = spawnSync(command, arguments_, { stdio: ['ignore', 'inherit', 'inherit'] });
const wallSeconds = Number(process.hrtime.bigint() - startNs) / 1e9;
const usage = new BigInt64Array(18);
getrusage(childrenOfThis, usage);
const [userS = 0n, userUs = 0n, systemS = 0n, systemUs = 0n, maxRssKib = 0n] = usage;
const cpuSeconds = Number(userS + systemS) + Number(userUs + systemUs) / 1e6;
writeFileSync(result, JSON.stringify({ wallSeconds, cpuSeconds, peakMebibytes: Number(maxRssKib) / 1024 }));
process.exitCode = signal === null && status !== null ? status : 1;
