/** Text and links that others wrote, made fit to be shown. Anybody with push access chooses what they say. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
/** They turn the direction of what follows, so that a text reads as another. */
const bidirectional = /[\u202a-\u202e\u2066-\u2069]/g;
/** Half a character: what is left of one when a text was cut between its two units. */
const halves = /\p{Surrogate}/gu;

/** One line of at most `longest` characters (code points); what is over becomes an ellipsis. */
export function oneLine(text: string, longest: number): string {
  // Most are plain, and need no cleaning.
  if (text.length <= longest && /^[ -~]*$/.test(text)) return text.trim();
  // Cut roughly first: a megabyte need not be cleaned to show a line of it. A code point is at most two units.
  const rough = text.length > longest * 4 ? text.slice(0, longest * 4) : text;
  const clean = rough.replace(bidirectional, '').replace(control, ' ').replace(halves, '\ufffd').trim();
  if (clean.length <= longest) return clean;
  const points = [...clean];
  return points.length <= longest ? clean : `${points.slice(0, longest - 1).join('')}…`;
}

/** Slack takes links of 3,000 characters; nothing that is meant to be followed is longer than this. */
const longestUrl = 2_000;

/** The address as browsers would spell it, or nothing: only http(s) may become a link, and none that carries a login. */
export function webUrl(text: string | null | undefined): string | undefined {
  if (!text || text.length > longestUrl) return undefined;
  try {
    const { protocol, username, password, href } = new URL(text);
    // `https://github.com@evil.example` reads as another host than it is.
    const isWeb = (protocol === 'https:' || protocol === 'http:') && !username && !password;
    return isWeb ? href : undefined;
  } catch {
    return undefined;
  }
}
