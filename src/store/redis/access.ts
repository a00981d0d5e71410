/** How to reach a Redis. It holds secrets: never log it. */
export interface RedisAccess {
  /** The server; with `sentinel`, the Sentinels, any of which knows where the server is. */
  readonly hosts: readonly Host[];
  readonly sentinel?: {
    /** What the Sentinels call the server and its replicas. */
    readonly master: string;
    readonly username?: string;
    readonly password?: string;
  };
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
  /** Encrypted, the Sentinels too. `ca`: certificates (PEM) to trust in place of the system's. */
  readonly tls?: { readonly ca?: string };
  /** What every key begins with, so that several programs can share a server. */
  readonly prefix: string;
}

export interface Host {
  readonly host: string;
  readonly port: number;
}

/** Where it is, in words that may be logged. */
export function placeOf({ hosts, sentinel }: RedisAccess): string {
  const names = hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(', ');
  return sentinel ? `Redis “${sentinel.master}” (Sentinel at ${names})` : `Redis at ${names}`;
}
