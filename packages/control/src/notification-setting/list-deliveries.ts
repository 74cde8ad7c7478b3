import { Delivery, Notice } from '@holdfast/contract';
import type { Caller, ControlContext } from '../control-context.ts';

const mostDeliveries = 100;

/** The last messages and what became of them, the newest first. */
export async function listDeliveries({ database }: ControlContext, _caller: Caller, _input?: unknown): Promise<Delivery[]> {
  const rows = await database.tables.selectFrom('notice').selectAll().orderBy('id', 'desc').limit(mostDeliveries).execute();
  return rows.map((row) => {
    const { event, title } = Notice.parse(JSON.parse(row.body));
    return {
      id: row.id,
      event,
      title,
      createdMs: row.created_ms,
      state: Delivery.shape.state.parse(row.state),
      attempts: row.attempts,
      nextAttemptMs: row.next_attempt_ms,
      deliveredMs: row.delivered_ms,
      error: row.error,
    };
  });
}
