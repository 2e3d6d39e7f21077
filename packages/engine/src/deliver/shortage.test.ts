// Which errors of a connect speak of this machine.
import { describe, expect, it } from 'vitest';
import { isShortage } from './shortage.ts';

describe('a shortage', () => {
  it('is want of descriptors, memory or ports here', () => {
    for (const code of ['EMFILE', 'ENFILE', 'EAGAIN', 'ENOBUFS', 'ENOMEM', 'EADDRINUSE'])
      expect(isShortage(code, `connect ${code}`)).toBe(true);
    expect(isShortage('EADDRNOTAVAIL', 'connect EADDRNOTAVAIL 127.0.0.1:25')).toBe(true);
  });

  it('is neither a remote that is not there nor an address that this machine does not have', () => {
    for (const code of ['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'EGRESS_REFUSED'])
      expect(isShortage(code, `connect ${code}`)).toBe(false);
    expect(isShortage('EADDRNOTAVAIL', 'bind EADDRNOTAVAIL 192.0.2.1')).toBe(false);
  });
});
