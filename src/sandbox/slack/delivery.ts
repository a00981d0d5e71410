/** Something that Slack sends to the app, before it is known on which way. */
export interface Outgoing {
  type: 'slash_commands' | 'interactive' | 'events_api';
  payload: Record<string, unknown>;
  /** The id of its envelope in Socket Mode; the same when it is sent again. */
  envelopeId: string;
  /** Set when an event is sent again. */
  retry?: { attempt: number; reason: string };
  /** What is wrong with the signed request, when something should be (HTTP mode only). */
  tamper?: Tamper;
}

/** A forged or replayed request. */
export interface Tamper {
  signature?: 'wrong' | 'missing';
  /** Moves the signed timestamp: -301 is too old, 3600 is an hour ahead. */
  shiftSeconds?: number;
  contentType?: string;
}

/** How the app took it. */
export interface AckResult {
  /**
   * 200 for an acknowledged envelope; the HTTP status; or why there is none: not answered within 3 seconds, the
   * connection refused or cut, or nobody to deliver to.
   */
  status: number | 'timeout' | 'error' | 'not_delivered';
  /** The payload of the acknowledgement or the body of the answer, parsed if it is JSON; undefined when empty. */
  body: unknown;
  /** Until the answer, in milliseconds. */
  ms: number;
  /** Why Slack says that it failed, in its own word; undefined when it was acknowledged. */
  failure?: 'dispatch_failed' | 'operation_timeout';
  /**
   * Its envelope and the app's goodbye crossed on the wire: the app's close frame came without an answer to the ping that
   * was written right behind the envelope. The app had not read it, and may send nothing any more (RFC 6455, 5.5.1).
   */
  crossed?: true;
}
