import { notifications } from '@mantine/notifications';
import { problemOf } from '../api/problem.ts';

/** Says for a moment that a deed is done. */
export function sayDone(message: string): void {
  notifications.show({ message, autoClose: 3_500 });
}

/** Says that a deed failed, where no form is there to say it. It stays longer: it has to be read. */
export function sayProblem(error: unknown): void {
  const problem = problemOf(error);
  notifications.show({ color: 'red', title: problem.message, message: problem.hint ?? '', autoClose: 12_000 });
}
