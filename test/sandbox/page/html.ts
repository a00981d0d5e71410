import type { Child } from '../../../src/sandbox/page/render/vnode.ts';

/** Elements as HTML, listeners left out: what the browser's own serialization would say of them. */
export function html(children: readonly Child[]): string {
  return children
    .map((child) => {
      if (typeof child === 'string') return escaped(child);
      const attributes = Object.entries(child.attributes).flatMap(([name, value]) =>
        typeof value === 'function' || value === undefined || value === false
          ? []
          : [` ${name}="${value === true ? '' : escaped(String(value))}"`],
      );
      return `<${child.tag}${attributes.join('')}>${html(child.children)}</${child.tag}>`;
    })
    .join('');
}

/** What a person reads. */
export function words(children: readonly Child[]): string {
  return children.map((child) => (typeof child === 'string' ? child : words(child.children))).join('');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
