const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** A size in powers of 1024 with three digits: `4.21 GiB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const number = bytes / 1024 ** power;
  const digits = power === 0 || number >= 100 ? 0 : number >= 10 ? 1 : 2;
  return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: digits }).format(number)} ${units[power]}`;
}

export function formatNumber(number: number): string {
  return new Intl.NumberFormat().format(number);
}

/** `fraction` 1 is all. It says 100 % only of all. */
export function formatPercent(fraction: number): string {
  const shown = fraction < 1 ? Math.min(0.999, fraction) : 1;
  return new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: shown < 0.1 || shown > 0.99 ? 1 : 0 }).format(shown);
}

export function formatDateTime(ms: number, timeZone?: string): string {
  return new Intl.DateTimeFormat(undefined, {
    dateStyle: 'medium',
    timeStyle: 'short',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(ms);
}

/** With the day of the week, for times to come. */
export function formatWeekdayTime(ms: number, timeZone?: string): string {
  return new Intl.DateTimeFormat(undefined, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(ms);
}

export function formatDate(ms: number): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }).format(ms);
}

export function formatTime(ms: number): string {
  return new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' }).format(ms);
}

/** `2 hours ago`, `in 5 minutes`. */
export function formatRelative(ms: number, nowMs: number): string {
  const seconds = (ms - nowMs) / 1000;
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  const size = Math.abs(seconds);
  if (size < 45) return format.format(Math.round(seconds), 'second');
  if (size < 45 * 60) return format.format(Math.round(seconds / 60), 'minute');
  if (size < 22 * 3600) return format.format(Math.round(seconds / 3600), 'hour');
  if (size < 26 * 86_400) return format.format(Math.round(seconds / 86_400), 'day');
  if (size < 320 * 86_400) return format.format(Math.round(seconds / 86_400 / 30.4), 'month');
  return format.format(Math.round(seconds / 86_400 / 365.25), 'year');
}

/** `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(ms: number): string {
  const unit = (value: number, name: string): string =>
    new Intl.NumberFormat(undefined, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 0 }).format(value);
  if (ms < 1000) return unit(Math.max(0, ms), 'millisecond');
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return unit(seconds, 'second');
  if (seconds < 3600) return `${unit(Math.floor(seconds / 60), 'minute')}${seconds % 60 === 0 ? '' : ` ${unit(seconds % 60, 'second')}`}`;
  const minutes = Math.round(seconds / 60);
  return `${unit(Math.floor(minutes / 60), 'hour')}${minutes % 60 === 0 ? '' : ` ${unit(minutes % 60, 'minute')}`}`;
}
