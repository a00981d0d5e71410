import { SocketModeClient, type SocketModeOptions } from '@slack/socket-mode';

/** What SocketModeClient emits for every envelope. */
export const frameFor = { everything: 'slack_event' } as const;

export interface FrameHooks {
  /** Runs to its end before the SDK hears of Slack's `disconnect` and closes the connection. */
  beforeGoodbye(reason: string): Promise<void>;
  /** A frame could not be read; the connection goes on. */
  onTrouble(error: unknown): void;
}

/**
 * SocketModeClient with its frame handler mended. The SDK's (3.1.0) reads `payload.event.type` of every event, which
 * `app_rate_limited` does not have, in an async listener that nobody catches: the process would end.
 */
export class MendedClient extends SocketModeClient {
  readonly #hooks: FrameHooks;

  constructor(options: SocketModeOptions, hooks: FrameHooks) {
    super(options);
    this.#hooks = hooks;
  }

  protected override async onWebSocketMessage(data: string | ArrayBuffer, isBinary: boolean): Promise<void> {
    try {
      const frame = typeof data === 'string' ? read(data) : undefined;
      if (frame?.type === 'disconnect') await this.#hooks.beforeGoodbye(String(frame.reason));
      await super.onWebSocketMessage(frame?.type === 'events_api' ? withEvent(data, frame) : data, isBinary);
    } catch (error) {
      this.#hooks.onTrouble(error);
    }
  }
}

interface Frame {
  type?: unknown;
  reason?: unknown;
  payload?: { type?: unknown; event?: unknown };
}

function read(data: string): Frame | undefined {
  const frame: unknown = JSON.parse(data);
  return typeof frame === 'object' && frame !== null ? frame : undefined;
}

/** An event without an inner one gets one of its own type, so that it is acknowledged and heard like the others. */
function withEvent(data: string | ArrayBuffer, frame: Frame): string | ArrayBuffer {
  const { payload } = frame;
  if (!payload || payload.event) return data;
  return JSON.stringify({ ...frame, payload: { ...payload, event: { type: payload.type ?? 'unknown' } } });
}
