/** What happens when somebody does something to an element. */
export type Listener = (event: Event) => void;

/** `on…` is a listener; true is an attribute without a value; undefined and false are none. */
export type Attributes = Record<string, string | number | boolean | undefined | Listener>;

/** An element as it should be. Strings become text and attribute values, never markup. */
export interface VNode {
  tag: string;
  attributes: Attributes;
  children: Child[];
  /** What it stays the same by, among its siblings. */
  key?: string;
}

export type Child = VNode | string;
/** What is left out stays out: conditions can be written where the element stands. */
export type Content = Child | false | undefined | Content[];

/** An element. `key` among the attributes is its key and no attribute. */
export function h(tag: string, { key, ...attributes }: Attributes = {}, ...content: Content[]): VNode {
  return { tag, attributes, children: flat(content), ...(key !== undefined && { key: String(key) }) };
}

export function flat(content: Content[]): Child[] {
  return content.flatMap((one): Child[] => {
    if (Array.isArray(one)) return flat(one);
    return one === undefined || one === false || one === '' ? [] : [one];
  });
}

/** A link to another page, which learns nothing of this one; mere text where the address is no http(s) address. */
export function outward(url: string, ...content: Content[]): VNode {
  const safe = webAddress(url);
  if (safe === undefined) return h('span', {}, ...content);
  return h('a', { href: safe, target: '_blank', rel: 'noopener noreferrer' }, ...content);
}

/** An http(s) address, spelled as browsers spell it; undefined for all others (`javascript:`, `data:`, …). */
export function webAddress(url: string): string | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  return parsed && ['http:', 'https:'].includes(parsed.protocol) ? parsed.href : undefined;
}
