/**
 * The line before or after the one in the box, of those that were sent. Whatever else is in the box stays there: the
 * arrows move in it then.
 */
export function recalled(sent: readonly string[], draft: string, key: 'ArrowUp' | 'ArrowDown'): string | undefined {
  const at = draft === '' ? sent.length : sent.lastIndexOf(draft);
  if (at < 0 || (draft === '' && key === 'ArrowDown')) return undefined;
  const next = key === 'ArrowUp' ? at - 1 : at + 1;
  return next < 0 ? undefined : (sent[next] ?? '');
}
