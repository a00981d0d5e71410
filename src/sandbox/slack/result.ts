/** What a Web API method answers: Slack says "no" in the body, with HTTP status 200. */
export type Result = Success | Failure;

export interface Success {
  ok: true;
  [field: string]: unknown;
}

export interface Failure {
  ok: false;
  /** Slack's error code, such as `not_in_channel`. */
  error: string;
  [field: string]: unknown;
}

/** A refusal with Slack's error code. */
export function failed(error: string, details: Record<string, unknown> = {}): Failure {
  return { ok: false, error, ...details };
}

/** Tells a refusal from anything that a check may return instead. */
export function isFailure(value: object): value is Failure {
  return 'ok' in value && value.ok === false && 'error' in value;
}
