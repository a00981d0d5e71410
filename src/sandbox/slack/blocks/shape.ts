/** One thing wrong with a block, and where, as a JSON pointer. */
export interface Problem {
  at: string;
  says: string;
}

/** Looks at a value and says all that is wrong with it. */
export type Check = (value: unknown, at: string) => Problem[];

export type Fields = Record<string, unknown>;

/** Text of so many characters, counted as code points. */
export function characters(most: number, least = 1): Check {
  return (value, at) => {
    if (typeof value !== 'string') return [{ at, says: 'must be a string' }];
    const length = [...value].length;
    if (length < least) return [{ at, says: `must be more than ${least - 1} characters` }];
    return length > most ? [{ at, says: `must be less than ${most + 1} characters` }] : [];
  };
}

export const flag: Check = (value, at) => (typeof value === 'boolean' ? [] : [{ at, says: 'must be a boolean' }]);

export function whole(least: number, most: number): Check {
  return (value, at) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most
      ? []
      : [{ at, says: `must be a whole number from ${least} to ${most}` }];
}

export const anyNumber: Check = (value, at) => (typeof value === 'number' ? [] : [{ at, says: 'must be a number' }]);

export function choice(...values: string[]): Check {
  return (value, at) => (values.includes(String(value)) ? [] : [{ at, says: `must be one of ${values.join(', ')}` }]);
}

/** An absolute URL of so many characters. */
export function url(most = 3000): Check {
  return (value, at) => {
    const tooLong = characters(most)(value, at);
    if (tooLong.length > 0) return tooLong;
    return URL.canParse(String(value)) ? [] : [{ at, says: 'Invalid URL' }];
  };
}

export function list(item: Check, most: number, least = 1): Check {
  return (value, at) => {
    if (!Array.isArray(value)) return [{ at, says: 'must be an array' }];
    if (value.length < least) return [{ at, says: `no fewer than ${least} items allowed` }];
    if (value.length > most) return [{ at, says: `no more than ${most} items allowed` }];
    return value.flatMap((entry, index) => item(entry, `${at}/${index}`));
  };
}

/** An object with these fields and no others: Slack refuses fields that it does not know. */
export function shape(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [{ at, says: 'must be an object' }];
    const missing = Object.keys(required).filter((field) => (value as Fields)[field] === undefined);
    const present = Object.entries(value).filter(([, content]) => content !== undefined && content !== null);
    return [
      ...missing.map((field) => ({ at, says: `missing required field: ${field}` })),
      ...present.flatMap(([field, content]) => {
        const check = required[field] ?? optional[field];
        return check ? check(content, `${at}/${field}`) : [{ at, says: `invalid additional property: ${field}` }];
      }),
    ];
  };
}

/** An object that says by its `type` what it is. */
export function byType(known: Record<string, Check>): Check {
  return (value, at) => {
    const type = (value as Fields | null)?.type;
    const check = typeof type === 'string' && Object.hasOwn(known, type) ? known[type] : undefined;
    return check ? check(value, at) : [{ at, says: `unsupported type: ${String(type)}` }];
  };
}

/** Several checks of one value, or a rule that no single field can break. */
export function all(...checks: Check[]): Check {
  return (value, at) => checks.flatMap((check) => check(value, at));
}

/** A rule over a whole object, in words when it is broken. */
export function rule(holds: (value: Fields) => boolean, says: string): Check {
  return (value, at) => (typeof value === 'object' && value !== null && !holds(value as Fields) ? [{ at, says }] : []);
}

export const exactly = (value: string): Record<string, Check> => ({ type: choice(value) });
