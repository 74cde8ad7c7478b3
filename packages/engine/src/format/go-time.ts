import { CodedError } from '@holdfast/kernel';
import { matchDigits, matchText } from './match-bytes.ts';

const secondNs = 1_000_000_000n;
const daySeconds = 86_400;
/** restic keeps years within 0 and 9999, which is what Go can write as JSON. */
const yearLimits = { lowest: 0, highest: 9999 } as const;

interface OffsetRange {
  /** Seconds since the epoch, inclusive and exclusive. */
  readonly from: number;
  readonly until: number;
  readonly offsetSeconds: number;
}

/**
 * Writes times as Go's RFC 3339 with nanoseconds, in a zone: trailing zeros of the fraction go, `Z` stands for offset zero. Remembers the
 * zone's offset from transition to transition, so that it asks the time-zone data only once a period.
 */
export class LocalTimeFormatter {
  readonly #zone: string;
  readonly #ranges: OffsetRange[] = [];
  #latest: OffsetRange | undefined;
  /** The day that was asked for last, since the epoch, and its date as it is written. */
  #day = Number.NaN;
  #dayText = '';
  #secondOfDay = 0;
  #offset = '';
  #offsetSeconds = Number.NaN;

  /** `zone` is an IANA name. */
  constructor(zone: string) {
    this.#zone = zone;
  }

  format(ns: bigint): string {
    const nanos = Number(ns % secondNs);
    const second = Number(ns / secondNs);
    return nanos < 0 ? this.formatParts(second - 1, nanos + 1e9) : this.formatParts(second, nanos);
  }

  /** The same for whole seconds since 1970 and the nanoseconds (0 to 999 999 999) beyond them. */
  formatParts(second: number, nanos: number): string {
    this.#locate(second);
    const ofDay = this.#secondOfDay;
    const time = `${this.#dayText}${two(Math.trunc(ofDay / 3600))}:${two(Math.trunc(ofDay / 60) % 60)}:${two(ofDay % 60)}`;
    if (nanos === 0) return time + this.#offset;
    let fraction = nanos.toString().padStart(9, '0');
    let end = 9;
    while (fraction.charCodeAt(end - 1) === 48) end -= 1;
    fraction = fraction.slice(0, end);
    return `${time}.${fraction}${this.#offset}`;
  }

  /** Where the time ends if it stands at `at` as `formatParts` writes it, else -1. */
  match(bytes: Uint8Array, start: number, second: number, nanos: number): number {
    this.#locate(second);
    const ofDay = this.#secondOfDay;
    let at = matchText(bytes, start, this.#dayText);
    at = matchDigits(bytes, at, Math.trunc(ofDay / 3600), 2);
    at = matchText(bytes, at, ':');
    at = matchDigits(bytes, at, Math.trunc(ofDay / 60) % 60, 2);
    at = matchText(bytes, at, ':');
    at = matchDigits(bytes, at, ofDay % 60, 2);
    if (nanos !== 0) {
      let fraction = nanos;
      let digits = 9;
      for (; fraction % 10 === 0; digits--) fraction /= 10;
      at = matchDigits(bytes, matchText(bytes, at, '.'), fraction, digits);
    }
    return matchText(bytes, at, this.#offset);
  }

  #locate(second: number): void {
    const { offsetSeconds } = this.#range(second);
    if (offsetSeconds !== this.#offsetSeconds) {
      this.#offsetSeconds = offsetSeconds;
      this.#offset = offsetText(offsetSeconds);
    }
    const local = second + offsetSeconds;
    const day = Math.floor(local / daySeconds);
    this.#secondOfDay = local - day * daySeconds;
    if (day === this.#day) return;
    this.#day = day;
    const date = new Date(day * daySeconds * 1000);
    const year = Math.min(Math.max(date.getUTCFullYear(), yearLimits.lowest), yearLimits.highest);
    // toISOString writes years beyond four digits with a sign: only month and day are taken from it.
    this.#dayText = `${String(year).padStart(4, '0')}${date.toISOString().slice(-20, -13)}`;
  }

  #range(second: number): OffsetRange {
    if (this.#latest !== undefined && second >= this.#latest.from && second < this.#latest.until) return this.#latest;
    let range = this.#ranges.find(({ from, until }) => second >= from && second < until);
    if (range === undefined) {
      range = this.#findRange(second);
      this.#ranges.push(range);
    }
    this.#latest = range;
    return range;
  }

  #findRange(second: number): OffsetRange {
    const at = Temporal.Instant.fromEpochMilliseconds(second * 1000).toZonedDateTimeISO(this.#zone);
    const next = at.getTimeZoneTransition('next');
    // "previous" is strictly before: one nanosecond on finds a transition at this very instant.
    const previous = at.add({ nanoseconds: 1 }).getTimeZoneTransition('previous');
    return {
      from: previous === null ? Number.NEGATIVE_INFINITY : previous.epochMilliseconds / 1000,
      until: next === null ? Number.POSITIVE_INFINITY : next.epochMilliseconds / 1000,
      offsetSeconds: at.offsetNanoseconds / 1e9,
    };
  }
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** Go writes offsets to the minute, also where local mean time had seconds; the local time itself is exact. */
function offsetText(offsetSeconds: number): string {
  if (offsetSeconds === 0) return 'Z';
  const minutes = Math.trunc(Math.abs(offsetSeconds) / 60);
  return `${offsetSeconds < 0 ? '-' : '+'}${String(Math.trunc(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

const form = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9})\d*)?(?:([Zz])|([+-])(\d\d):(\d\d))$/;

/** Nanoseconds since 1970 of an RFC 3339 time; `format-invalid` if it is none. */
export function parseTime(text: string): bigint {
  const match = form.exec(text);
  if (match === null) throw badTime(text);
  const [, year, month, day, hour, minute, second, fraction = '', , sign, offsetHours = '0', offsetMinutes = '0'] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isDay = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!isDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59 || Number(offsetHours) > 24 || Number(offsetMinutes) > 59)
    throw badTime(text);
  const offsetSeconds = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60 * (sign === '-' ? -1 : 1);
  const seconds = date.getTime() / 1000 + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - offsetSeconds;
  return BigInt(seconds) * secondNs + BigInt(fraction.padEnd(9, '0'));
}

function badTime(text: string): CodedError {
  return new CodedError({
    code: 'format-invalid',
    message: `${JSON.stringify(text.slice(0, 60))} is not a time of the form 2006-01-02T15:04:05.999999999Z`,
  });
}
