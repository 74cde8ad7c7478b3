export { describeSchedule } from './schedule/describe-schedule.ts';
export { fireTimes, type Time } from './schedule/fire-times.ts';
export { type Fires, firesBetween } from './schedule/fires-between.ts';
export { type JitterInput, jitteredFire, jitterMs } from './schedule/jitter.ts';
export { nextFire } from './schedule/next-fire.ts';
export { parseSchedule, type Schedule, scheduleSchema } from './schedule/schedule.ts';
export { requireZone, requireZoneData, systemZones, type ZoneOffsets } from './schedule/time-zone.ts';
