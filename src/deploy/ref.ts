/** GitHub's limit for the name of a branch or a tag, in characters. */
const longestRef = 255;

/**
 * What keeps git from taking this as the name of a branch, a tag or a commit: the end of a sentence that begins with the
 * ref, or nothing where the ref is fine. The rules are those of `git check-ref-format refs/heads/REF` (its manual numbers
 * them), and of `--branch` that a name can't begin with a dash. SHAs pass, being names like any other.
 */
export function whatIsWrongWithRef(ref: string): string | undefined {
  if (ref === '') return 'is empty';
  if (ref === '@') return 'is only short for HEAD';
  if ([...ref].length > longestRef) return `is longer than ${longestRef} characters`;
  if (ref.startsWith('-')) return 'begins with a dash';
  if (ref.startsWith('/')) return 'begins with a slash';
  if (ref.endsWith('/')) return 'ends with a slash';
  if (ref.includes('//')) return 'has two slashes in a row';
  if (ref.endsWith('.')) return 'ends with a dot';
  if (ref.includes('..')) return 'has two dots in a row';
  if (ref.includes('@{')) return 'has “@{” in it';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what git refuses
  if (/[\x00-\x1f\x7f]/.test(ref)) return 'has a control character in it';
  if (/\p{Cs}/u.test(ref)) return 'has half a character in it';
  const forbidden = /[ ~^:?*[\\]/.exec(ref);
  if (forbidden) return forbidden[0] === ' ' ? 'has a space in it' : `has “${forbidden[0]}” in it`;
  const parts = ref.split('/');
  if (parts.some((part) => part.startsWith('.'))) return 'has a part that begins with a dot';
  if (parts.some((part) => part.endsWith('.lock'))) return 'has a part that ends with “.lock”';
  return undefined;
}
