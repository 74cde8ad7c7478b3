import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Lines of JSON for machines. Whatever goes in, credentials do not come out. */
export function createLogger(level: string, destination: DestinationStream): Logger {
  const secret = ['password', 'token', 'authorization', 'cookie', 'set-cookie', 'secret', 'next', 'current'];
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secret.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]), censor: '***' },
    },
    destination,
  );
}
