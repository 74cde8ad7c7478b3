import { serveJobs } from '../workers/serve-jobs.ts';
import { type ScryptLane, ScryptMixer } from './scrypt-lane.ts';

const mixer = new ScryptMixer();

serveJobs<ScryptLane, Uint8Array>((lane) => ({ result: mixer.mix(lane) }));
