import type { Ports } from '../../src/deploy/ports.ts';

/** Called before a call of a port, and after it was answered. */
export type AtStep = (name: string, when: 'before' | 'after') => void;

/**
 * They answer at once and change nothing, or belong to the life of the process and not to a road: what is old is forgotten
 * once an hour, so that in a store that has just done it nobody could be killed there again.
 */
const noSteps = new Set(['looks', 'holdsFor', 'ready', 'counts', 'start', 'stop', 'close', 'forget']);

/**
 * Ports of which every call is a step with a name, such as `store.saveDeployment`. What is written under a lease counts
 * under the same names.
 */
export function stepped(ports: Ports, at: AtStep): Ports {
  return {
    ...ports,
    github: watched('github', ports.github, at),
    chat: watched('chat', ports.chat, at),
    store: watched('store', ports.store, at),
    jobs: watched('jobs', ports.jobs, at),
  };
}

function watched<Port extends object>(part: string, port: Port, at: AtStep): Port {
  return new Proxy(port, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (key === 'store' && value instanceof Object) return watched('store', value, at);
      if (typeof value !== 'function' || typeof key !== 'string') return value;
      if (noSteps.has(key)) return value.bind(target);
      const name = `${part}.${key}`;
      return async (...args: unknown[]) => {
        at(name, 'before');
        const answer: unknown = await value.apply(target, args);
        at(name, 'after');
        return name === 'store.lease' && answer instanceof Object ? watched('lease', answer, at) : answer;
      };
    },
  });
}

/** A step of a road: the n-th call of that name since the counting began, from 1. */
export interface Step {
  name: string;
  n: number;
  when: 'before' | 'after';
}

export const written = ({ name, n, when }: Step): string => `${name}:${n}:${when}`;

export function readStep(text: string): Step {
  const [, name, n, when] = /^([\w.]+):(\d+):(before|after)$/.exec(text) ?? [];
  if (name === undefined || (when !== 'before' && when !== 'after')) throw new Error(`${text} is no step.`);
  return { name, n: Number(n), when };
}

/** Counts the calls of each name, and says of every step which one it is. */
export function counting(each: (step: Step) => void): AtStep {
  const begun = new Map<string, number>();
  const answered = new Map<string, number>();
  return (name, when) => {
    const counts = when === 'before' ? begun : answered;
    const n = (counts.get(name) ?? 0) + 1;
    counts.set(name, n);
    each({ name, n, when });
  };
}
