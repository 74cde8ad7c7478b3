import type { Schedule } from '@holdfast/contract';
import { useQuery } from '@tanstack/react-query';
import { orpc } from '../../api/client.ts';

/** A schedule in a sentence. */
export function ScheduleWords({ schedule, timeZone }: { readonly schedule: Schedule; readonly timeZone: string }) {
  const { data } = useQuery(
    orpc.backups.previewSchedule.queryOptions({ input: { schedule, timeZone, count: 1 }, staleTime: 600_000, retry: false }),
  );
  return (
    <>
      {data?.description} {timeZone}
    </>
  );
}
