import type { Caller } from './access.ts';
import type { App } from './app.ts';
import type { Person } from './people.ts';
import { Refused } from './refused.ts';

/** Who a thing was made by; with an App's token that is the App's bot. */
export interface Actor {
  person: Person;
  app?: App;
}

/** The one who acts with this token. Throws 401 for nobody in particular. */
export function actor(caller: Caller): Actor {
  switch (caller.kind) {
    case 'user':
      return { person: caller.person };
    case 'installation':
      return { person: caller.app.bot, app: caller.app };
    case 'anonymous':
    case 'app':
      throw new Refused({ status: 401, message: 'Requires authentication' });
  }
}
