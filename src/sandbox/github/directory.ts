import type { Person } from './people.ts';

/** Everybody whom GitHub knows, and the addresses that they write commits with. */
export interface Directory {
  /** Who has that login; somebody new where nobody has. */
  person(login: string, type: Person['type']): Person;
  find(login: string): Person | undefined;
  /** An address of theirs: the commits that carry it are theirs. */
  addEmail(email: string, person: Person): void;
  /** Whose address it is. GitHub's own `…@users.noreply.github.com` needs no adding. */
  withEmail(email: string): Person | undefined;
}

export function createDirectory(now: () => Date): Directory {
  const people = new Map<string, Person>();
  const emails = new Map<string, Person>();
  const find = (login: string) => people.get(login.toLowerCase());
  return {
    find,
    person(login, type) {
      const known = find(login);
      if (known) return known;
      const fresh = { id: people.size + 1, login, type, since: now() };
      people.set(login.toLowerCase(), fresh);
      return fresh;
    },
    addEmail(email, person) {
      emails.set(email.toLowerCase(), person);
    },
    withEmail(email) {
      const login = /^(?:\d+\+)?([^@+]+)@users\.noreply\.github\.com$/i.exec(email)?.[1];
      return login === undefined ? emails.get(email.toLowerCase()) : find(login);
    },
  };
}

/** The address that GitHub signs with for those who act on its pages. */
export function noreply({ id, login }: Person): string {
  return `${id}+${login}@users.noreply.github.com`;
}
