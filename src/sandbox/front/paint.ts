/** Colours for a terminal; each gives the text back as it is where there is none. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  link(text: string): string;
}

export function createPaint(hasColour: boolean): Paint {
  const paint = (on: number, off: number) => (text: string) =>
    hasColour ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return { bold: paint(1, 22), dim: paint(2, 22), good: paint(32, 39), bad: paint(31, 39), link: paint(36, 39) };
}
