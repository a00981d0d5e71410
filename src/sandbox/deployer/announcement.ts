/** What the deployer takes from a `deployment` webhook, with everything that it does not trust already weeded out. */
export interface Announcement {
  id: number;
  /** `owner/name`, fit to be a path. */
  repository: string;
  /** The app's name from the payload, else the repository's. */
  app: string;
  sha: string;
  ref: string;
  task: string;
  environment: string;
  /** `fe1,fe2`, or nothing for all. */
  hosts: string;
}

/** Reads the body of a `deployment` event, JSON or a form with `payload`; undefined if it is not one. */
export function readAnnouncement(body: Buffer, contentType = ''): Announcement | undefined {
  const text = contentType.includes('x-www-form-urlencoded')
    ? (new URLSearchParams(body.toString()).get('payload') ?? '')
    : body.toString();
  const event = asRecord(parsed(text));
  const deployment = asRecord(event.deployment);
  const repository = asRecord(event.repository);
  const fullName = String(repository.full_name);
  const sha = String(deployment.sha);
  if (event.action !== 'created' || !Number.isSafeInteger(deployment.id)) return undefined;
  if (!/^[0-9a-f]{40}$/.test(sha) || !fullName.split('/').every(isName) || fullName.split('/').length !== 2) {
    return undefined;
  }
  // GitHub gives the payload back the way it was sent: as an object, or as a string that may hold JSON.
  const payload = asRecord(typeof deployment.payload === 'string' ? parsed(deployment.payload) : deployment.payload);
  const name = String(payload.name ?? '');
  const hosts = Array.isArray(payload.hosts) ? payload.hosts.join(',') : payload.hosts;
  return {
    id: deployment.id as number,
    repository: fullName,
    app: isName(name) ? name : (fullName.split('/')[1] as string),
    sha,
    ref: printable(deployment.ref),
    task: printable(deployment.task),
    environment: printable(deployment.environment),
    hosts: printable(hosts),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isName(text: string): boolean {
  return /^[\w.-]+$/.test(text) && text !== '.' && text !== '..';
}

/** Text without control characters: a NUL would stop the deploy script from being started at all. */
function printable(value: unknown): string {
  return typeof value === 'string' ? value.replace(/\p{Cc}/gu, '') : '';
}
