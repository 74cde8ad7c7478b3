import { CodedError } from '@holdfast/kernel';

/** `not-found`, for a verb that names a record by its id. */
export function notFound(noun: string, id: string): CodedError {
  return new CodedError({
    code: 'not-found',
    message: `There is no ${noun} ${id}`,
    hint: 'It may have been removed. Load the list again.',
  });
}

/** `conflict`, for a name that another record has. */
export function nameTaken(noun: string, name: string, field: string): CodedError {
  return new CodedError({
    code: 'conflict',
    message: `There is a ${noun} called ${name} already`,
    hint: 'Choose another name.',
    context: { field },
  });
}

/** `invalid-argument` that names the field of the input. */
export function wrongField(field: string, message: string, hint: string): CodedError {
  return new CodedError({ code: 'invalid-argument', message, hint, context: { field } });
}
