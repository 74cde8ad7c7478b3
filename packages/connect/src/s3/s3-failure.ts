/** What went wrong, apart from what it was for. */
export type S3FailureKind =
  /** The server has answered that there is no such object. */
  | 'not-found'
  | 'bucket-missing'
  | 'bucket-taken'
  | 'denied'
  /** The clocks of both sides differ too much for a signature to hold. */
  | 'clock-skew'
  | 'wrong-region'
  /** Something answers there that does not speak S3, or not over this kind of connection. */
  | 'wrong-endpoint'
  /** The server could not prove that it is the one that was meant. */
  | 'untrusted'
  | 'unreachable'
  /** The server asks for patience, or has met a failure of its own. */
  | 'busy'
  | 'full'
  /** The object is not the one that was meant any more. */
  | 'changed'
  /** The range begins behind the end of the object. */
  | 'range'
  /** The object is in an archive and has to be brought back first. */
  | 'archived'
  /** What arrived is not what was sent. */
  | 'damaged'
  | 'refused';

export interface S3Failure {
  readonly kind: S3FailureKind;
  /** What the server or the system said: one line. */
  readonly words: string;
  readonly hint: string;
  readonly again: boolean;
  /** The code of the error in S3's terms or the system's. */
  readonly code: string;
}

/** What is known of an answer, also of one that could not be understood. */
export interface SeenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

interface Reading {
  readonly kind: S3FailureKind;
  readonly hint: string;
  readonly again?: true;
}

const busy: Reading = {
  kind: 'busy',
  hint: 'The server is overloaded or has a failure of its own. It is worth trying again later.',
  again: true,
};
const wrongKeys: Reading = {
  kind: 'denied',
  hint: 'Look whether the access key and its secret belong together, and whether the key is still valid at the provider.',
};
const expired: Reading = { kind: 'denied', hint: 'The credentials have run out. Enter new ones.' };
const damaged: Reading = {
  kind: 'damaged',
  hint: 'What arrived there is not what was sent, so nothing was kept. Look for a proxy on the way; if it comes back, test the memory of this machine.',
  again: true,
};
const full: Reading = { kind: 'full', hint: 'The quota or the disks of the storage are used up. Make room there, or prune.' };
const region: Reading = { kind: 'wrong-region', hint: 'Enter the region of the bucket, and the address of that region.' };
const notS3: Reading = {
  kind: 'wrong-endpoint',
  hint: 'Look whether the address and port are those of the S3 service itself, not of its web page, and whether it is http or https there.',
};
const noBucket: Reading = {
  kind: 'bucket-missing',
  hint: 'Make the bucket at the provider, or correct its name, the address or the account.',
};

const readings: Readonly<Record<string, Reading>> = {
  NoSuchKey: { kind: 'not-found', hint: 'It was removed, or never was there.' },
  NoSuchBucket: noBucket,
  BucketAlreadyExists: { kind: 'bucket-taken', hint: 'Somebody else has a bucket of that name. Choose another name.' },
  AccessDenied: {
    kind: 'denied',
    hint: 'Give the access key the right to list, read, write and delete in this bucket, or look whether an object lock forbids it.',
  },
  InvalidAccessKeyId: wrongKeys,
  SignatureDoesNotMatch: wrongKeys,
  InvalidToken: expired,
  ExpiredToken: expired,
  PermanentRedirect: region,
  TemporaryRedirect: region,
  AuthorizationHeaderMalformed: region,
  IllegalLocationConstraintException: region,
  InvalidLocationConstraint: region,
  SlowDown: busy,
  InternalError: busy,
  ServiceUnavailable: busy,
  RequestTimeout: busy,
  OperationAborted: busy,
  IncompleteBody: { kind: 'unreachable', hint: 'The connection broke. It is worth trying again.', again: true },
  BadDigest: damaged,
  InvalidDigest: damaged,
  XAmzContentSHA256Mismatch: damaged,
  QuotaExceeded: full,
  XMinioStorageFull: full,
  InsufficientCapacity: full,
  PreconditionFailed: { kind: 'changed', hint: 'Somebody changed it meanwhile.' },
  InvalidRange: { kind: 'range', hint: 'The object ends before.' },
  InvalidObjectState: { kind: 'archived', hint: 'Bring the object back from the archive at the provider first.' },
};

/** Names under which servers and libraries say the same. */
const synonyms: Readonly<Record<string, string>> = {
  AllAccessDisabled: 'AccessDenied',
  AccountProblem: 'AccessDenied',
  Forbidden: 'AccessDenied',
  TokenRefreshRequired: 'ExpiredToken',
  ThrottlingException: 'SlowDown',
  Throttling: 'SlowDown',
  TooManyRequests: 'SlowDown',
  TooManyRequestsException: 'SlowDown',
  RequestLimitExceeded: 'SlowDown',
  BandwidthLimitExceeded: 'SlowDown',
  SlowDownRead: 'SlowDown',
  SlowDownWrite: 'SlowDown',
  ContentSHA256Mismatch: 'XAmzContentSHA256Mismatch',
};

const untrusted = /^(?:CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH)/;
const notThisProtocol = /^(?:EPROTO|ERR_SSL_|HPE_)/;

/** Makes of an error of the library, and of what was seen of the answer, what went wrong. `nowMs` for the difference of the clocks. */
export function readFailure(error: unknown, seen: SeenAnswer | undefined, nowMs: number): S3Failure {
  const words = oneLine(error instanceof Error ? error.message : String(error));
  if (seen === undefined || isBroken(error)) return readSystemFailure(error, words);
  const name = error instanceof Error ? error.name : '';
  const code = synonyms[name] ?? name;
  const isS3 = isSaidByS3(error);
  const said = {
    words: isS3 && words !== '' ? words : `HTTP status ${seen.status}${words === '' || isS3 ? '' : ', with an answer that is not of S3'}`,
    code: isS3 && code !== '' ? code : String(seen.status),
  };
  if (code === 'RequestTimeTooSkewed') return { ...said, kind: 'clock-skew', hint: clockHint(seen, nowMs), again: false };
  const reading = isS3 && Object.hasOwn(readings, code) ? readings[code] : readStatus(seen.status, isS3);
  const { kind, hint, again } = reading ?? notS3;
  return { ...said, kind, hint: kind === 'wrong-region' ? regionHint(seen, error, hint) : hint, again: again === true };
}

/** Where the server said nothing that is known: its status, if it is one that speaks S3 at all. */
function readStatus(status: number, isS3: boolean): Reading {
  if (status === 408 || status === 429 || status >= 500) return status === 507 ? full : status === 501 ? notS3 : busy;
  if (!isS3) return status === 401 || status === 403 ? { ...notS3, kind: 'denied' } : notS3;
  if (status === 401 || status === 403) return { kind: 'denied', hint: 'Look what the access key may do in this bucket.' };
  return { kind: 'refused', hint: 'The message has the words of the server.' };
}

function readSystemFailure(error: unknown, words: string): S3Failure {
  const code = systemCode(error) ?? 'unknown';
  if (untrusted.test(code)) {
    const hint =
      code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID'
        ? 'Renew the certificate of the server, and look whether the clock of this machine is right.'
        : 'Look whether the address is right. Where the server has a certificate of an authority of your own, enter that authority.';
    return { kind: 'untrusted', words: `${words === '' ? 'its certificate does not hold' : words} (${code})`, hint, again: false, code };
  }
  if (notThisProtocol.test(code)) return { kind: 'wrong-endpoint', words: `${words} (${code})`, hint: notS3.hint, again: false, code };
  const hint =
    code === 'ENOTFOUND'
      ? 'No address is known for that name: look whether it is right.'
      : 'Look at the network, the address and the service.';
  return { kind: 'unreachable', words: words === '' ? code : words, hint, again: true, code };
}

/** Whether the connection failed, be it in the middle of an answer. */
function isBroken(error: unknown): boolean {
  const code = systemCode(error);
  return code !== undefined && /^(?:E[A-Z]+|HPE_\w+|ERR_(?:SSL|TLS|STREAM)_\w+|CERT_\w+|TimeoutError)$/.test(code);
}

function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error.name === 'TimeoutError') return 'TimeoutError';
  return error instanceof AggregateError ? systemCode(error.errors[0]) : error.cause === undefined ? undefined : systemCode(error.cause);
}

/** Of an answer in S3's form the library makes an error with S3's code for a name; of others these. */
function isSaidByS3(error: unknown): boolean {
  return (
    error instanceof Error &&
    '$fault' in error &&
    !['Error', 'SyntaxError', 'TypeError', 'Unknown', 'UnknownError', 'NotFound'].includes(error.name)
  );
}

function clockHint({ headers }: SeenAnswer, nowMs: number): string {
  const theirMs = Date.parse(headers['date'] ?? '');
  const general = 'Set the clock of this machine, or that of the server, and keep them right (NTP).';
  if (Number.isNaN(theirMs)) return general;
  const seconds = Math.round((nowMs - theirMs) / 1000);
  return `The clock of this machine is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} that of the server. ${general}`;
}

function regionHint({ headers }: SeenAnswer, error: unknown, hint: string): string {
  const told = headers['x-amz-bucket-region'] ?? /expecting '([^']+)'/.exec(error instanceof Error ? error.message : '')?.[1];
  return told === undefined ? hint : `The bucket is in the region ${oneLine(told)}: enter that, and the address of that region.`;
}

function oneLine(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 300);
}
