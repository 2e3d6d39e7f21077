// Which web pages may make a browser change state here with its session cookie: those of the console's own address, nothing else.

const loopbackNames = ['127.0.0.1', 'localhost', '[::1]'];

/** The public address; where that is a loopback one, also the other names of loopback at the same port. */
export function trustedOrigins(publicUrl: string): string[] {
  const url = new URL(publicUrl);
  if (!loopbackNames.includes(url.hostname)) return [url.origin];
  const port = url.port === '' ? '' : `:${url.port}`;
  return [url.origin, ...loopbackNames.map((name) => `${url.protocol}//${name}${port}`).filter((origin) => origin !== url.origin)];
}

/** A browser sends Origin with every POST; none at all is no browser's, and a session cookie is only for browsers. */
export function fromTrustedOrigin(headers: Headers, trusted: readonly string[]): boolean {
  const origin = headers.get('origin');
  return origin !== null && trusted.includes(origin);
}
