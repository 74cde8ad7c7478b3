const units = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `1 023 B`, `1.5 GiB`: three digits that count, units of 1024. */
export function formatSize(bytes: number): string {
  if (Math.abs(bytes) < 1024) return `${bytes} B`;
  let value = bytes;
  let unit: string = 'B';
  for (const next of units) {
    // 999.95 would be written as 1000.0: the next unit says it shorter.
    if (Math.abs(value) < 999.5) break;
    value /= 1024;
    unit = next;
  }
  const digits = Math.abs(value) < 9.995 ? 2 : Math.abs(value) < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${unit}`;
}

/** `12 345`: groups of three digits with a thin gap that no line break takes. */
export function formatCount(count: number, one: string, many: string): string {
  const digits = String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');
  return `${digits} ${count === 1 ? one : many}`;
}

/** `0.4 s`, `3 min 12 s`, `2 d 5 h`: the two greatest units. */
export function formatDuration(ms: number): string {
  if (ms < 0) return '0 s';
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const parts = [
    { value: Math.floor(seconds / 86_400), unit: 'd' },
    { value: Math.floor(seconds / 3600) % 24, unit: 'h' },
    { value: Math.floor(seconds / 60) % 60, unit: 'min' },
    { value: seconds % 60, unit: 's' },
  ];
  const first = parts.findIndex((part) => part.value > 0);
  return parts
    .slice(first, first + 2)
    .filter((part) => part.value > 0)
    .map((part) => `${part.value} ${part.unit}`)
    .join(' ');
}

/** `Wed 25 Nov 2026, 03:00 (Europe/Berlin)`. A zone unknown here is said in UTC: a message that is not sent would be worse. */
export function formatTime(epochMs: number, timeZone: string): string {
  const time = zoned(epochMs, timeZone) ?? zoned(epochMs, 'UTC');
  if (time === undefined) return `${epochMs} ms after 1970`;
  const clock = `${String(time.hour).padStart(2, '0')}:${String(time.minute).padStart(2, '0')}`;
  const day = `${weekdays[time.dayOfWeek - 1]} ${time.day} ${months[time.month - 1]} ${time.year}`;
  return `${day}, ${clock} (${time.timeZoneId})`;
}

function zoned(epochMs: number, timeZone: string): Temporal.ZonedDateTime | undefined {
  try {
    return Temporal.Instant.fromEpochMilliseconds(epochMs).toZonedDateTimeISO(timeZone);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
