import { formatDateTime, formatRelative } from './format.ts';
import { useNow } from './use-now.ts';

/** A time as people say it; the exact one on pointing at it. */
export function Ago({ ms, otherwise = '–' }: { readonly ms: number | null; readonly otherwise?: string }) {
  const nowMs = useNow();
  if (ms === null) return <span>{otherwise}</span>;
  return (
    <time dateTime={new Date(ms).toISOString()} title={formatDateTime(ms)} style={{ whiteSpace: 'nowrap' }}>
      {formatRelative(ms, nowMs)}
    </time>
  );
}
