export interface PageWords {
  /** What stands in the browser's tab before the branch; `hello` when left out. */
  title?: string;
  branch: string;
  headline: string;
  tagline: string;
  accent: string;
}

/** An index.html. The lines that branches change lie apart, so that git merges them one by one. */
export function helloPage(words: PageWords): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>${words.title ?? 'hello'} · ${words.branch}</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="stylesheet" href="style.css">
    <style>:root { --accent: ${words.accent} }</style>
  </head>
  <body>
    <main>
      <p class="branch">${words.branch}</p>
      <h1>${words.headline}</h1>

      <hr>

      <!-- What this page is for. -->
      <p>
        ${words.tagline}
      </p>
    </main>
  </body>
</html>
`;
}

export const notFoundPage = `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <title>hello · not found</title>
  <meta name="color-scheme" content="light dark">
  <link rel="stylesheet" href="style.css">
  <main><h1>Not here</h1></main>
</html>
`;

export const styles = `:root {
  --paper: #fbfaf8;
  --ink: #1d1d22;
  --soft: #6a6a72;
  font: 18px/1.6 system-ui, sans-serif;
  color: var(--ink);
  background: var(--paper);
}
@media (prefers-color-scheme: dark) {
  :root { --paper: #16161a; --ink: #ececf1; --soft: #9a9aa5 }
}
body { margin: 0; min-height: 100vh; display: grid; place-items: center; border-top: 6px solid var(--accent, #888) }
main { max-width: 34rem; padding: 2rem }
h1 { font-size: 2.4rem; line-height: 1.15; margin: .6rem 0 1.2rem; letter-spacing: -.02em }
p { color: var(--soft) }
hr { border: 0; border-top: 1px solid color-mix(in srgb, var(--soft) 35%, transparent) }
.branch {
  display: inline-block; margin: 0; padding: .1rem .7rem; border-radius: 1rem;
  font: 600 .85rem/1.7 ui-monospace, monospace; color: #fff; background: var(--accent, #888);
}
`;

/** deploy.sh of acme/hello: tells what reached it, and on the branch `broken` gives up after some output. */
export function deployScript(o: { fails: boolean }): string {
  const ending = o.fails
    ? `echo "smoke test: GET / ... 500"
echo "smoke test failed, giving up" >&2
exit 1
`
    : `echo "smoke test: GET / ... 200"
echo "done"
`;
  return `#!/bin/sh
# What the deployer runs inside the files of the commit that is being deployed.
# It is told, as environment variables: TASK, HOSTS (with commas between), ENVIRONMENT, REF and SHA.
set -eu

echo "task: $TASK"
echo "environment: $ENVIRONMENT"
echo "ref: $REF"
echo "commit: $SHA"

if [ "$TASK" = "deploy:migrations" ]; then
  echo "migration 001_create_greetings ... ok"
  echo "migration 002_add_language ... ok"
fi

echo "hosts: \${HOSTS:-all}"
for host in $(printf %s "\${HOSTS:-web1}" | tr ',' ' '); do
  echo "$host: index.html, style.css copied"
done

${ending}`;
}
