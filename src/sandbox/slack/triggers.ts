import { randomUUID } from 'node:crypto';

const goodForMs = 3000;

/** The trigger ids that come with commands and pressed buttons: each opens one view, within three seconds. */
export function createTriggers(now: () => Date) {
  const issued = new Map<string, { until: number; used: boolean }>();
  return {
    issue(): string {
      const id = `${now().getTime()}.${issued.size + 1}.${randomUUID().replaceAll('-', '')}`;
      issued.set(id, { until: now().getTime() + goodForMs, used: false });
      return id;
    },
    use(id: string): 'good' | 'expired' | 'exchanged' | 'unknown' {
      const trigger = issued.get(id);
      if (!trigger) return 'unknown';
      if (trigger.used) return 'exchanged';
      if (now().getTime() > trigger.until) return 'expired';
      trigger.used = true;
      return 'good';
    },
  };
}
