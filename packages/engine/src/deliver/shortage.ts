// Errors of a connect that are no fault of the remote: this machine ran out of something.

/** Errors of a connect that speak of this machine. An address that is not configured here fails in `bind` and is the source's own fault. */
const shortages: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOBUFS', 'ENOMEM', 'EADDRINUSE']);

/** Whether the error speaks of this machine and not of the path. */
export function isShortage(code: string, message: string): boolean {
  return shortages.has(code) || (code === 'EADDRNOTAVAIL' && message.startsWith('connect '));
}
