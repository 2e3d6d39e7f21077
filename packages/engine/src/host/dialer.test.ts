// What the sandbox lets out is decided without a socket, so every lie a DNS answer can tell is a row here.
import { describe, expect, it } from 'vitest';
import { dialTarget } from './dialer.ts';

const sandbox = { egress: 'sandbox', sandboxSmtpPort: 2626 } as const;
const internet = { egress: 'internet', sandboxSmtpPort: null } as const;
const from4 = { port: 25, localAddress: '127.0.0.5' };
const from6 = { port: 25, localAddress: '::1' };

describe('sandbox', () => {
  it.each([
    '203.0.113.9',
    '0.0.0.0',
    '::',
    '::ffff:8.8.8.8',
    '::ffff:808:808',
    '0:0:0:0:0:ffff:0808:0808',
    '127.0.0.1.evil',
    '127.1',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '2130706433',
    'localhost',
    '',
    ' 127.0.0.1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '::2',
    '1::1',
    '::1%lo',
    'fe80::1',
    '224.0.0.1',
    '255.255.255.255',
    '128.0.0.1',
    '126.255.255.255',
    '10.0.0.1',
    '2001:db8::1',
  ])('refuses %j', (address) => {
    expect(dialTarget({ ...from4, address }, sandbox)).toMatchObject({ ok: false, code: 'EGRESS_REFUSED' });
    expect(dialTarget({ ...from6, address }, sandbox)).toMatchObject({ ok: false, code: 'EGRESS_REFUSED' });
  });

  it.each(['127.0.0.1', '127.255.255.254', '::ffff:127.0.0.9', '::FFFF:7f00:9'])('lets loopback %s through, with 25 mapped', (address) => {
    expect(dialTarget({ ...from4, address }, sandbox)).toMatchObject({ ok: true, port: 2626, remote: { family: 4 } });
  });

  it('lets ::1 through in any spelling and leaves other ports alone', () => {
    expect(dialTarget({ ...from6, address: '0:0::1' }, sandbox)).toMatchObject({ ok: true, port: 2626 });
    expect(dialTarget({ ...from6, port: 2525, address: '::1' }, sandbox)).toMatchObject({ ok: true, port: 2525 });
  });
});

describe('internet', () => {
  it('dials literal addresses on the port asked for', () => {
    expect(dialTarget({ address: '203.0.113.9', port: 25, localAddress: '192.0.2.1' }, internet)).toMatchObject({ ok: true, port: 25 });
    expect(dialTarget({ address: '2001:db8::1', port: 25, localAddress: '2001:db8::2' }, internet)).toMatchObject({ ok: true, port: 25 });
  });

  it.each(['mx.example', '0.0.0.0', '::', '239.1.1.1', 'ff02::1', '255.255.255.255', 'fe80::1%eth0'])(
    'refuses %s, which names no host',
    (address) => {
      expect(dialTarget({ ...from4, address }, internet)).toMatchObject({ ok: false, code: 'EGRESS_REFUSED' });
    },
  );

  it('refuses a local address that is no literal or of the other family', () => {
    expect(dialTarget({ address: '203.0.113.9', port: 25, localAddress: 'eth0' }, internet)).toMatchObject({
      ok: false,
      code: 'EGRESS_REFUSED',
    });
    expect(dialTarget({ address: '203.0.113.9', port: 25, localAddress: '::1' }, internet)).toMatchObject({
      ok: false,
      code: 'EAFNOSUPPORT',
    });
  });

  it.each(['127.0.0.1', '10.1.2.3', '169.254.169.254', '::ffff:192.168.0.1'])('checks %s again, whoever let it through', (address) => {
    expect(dialTarget({ ...from4, address }, internet)).toMatchObject({ ok: false, code: 'EGRESS_REFUSED' });
    expect(dialTarget({ ...from4, address, reach: 'any' }, internet)).toMatchObject({ ok: true });
  });

  it('refuses our own listeners even to a static route, by the port they listen on', () => {
    const options = { ...internet, ownListeners: () => [{ address: '192.0.2.1', port: 2525 }] };
    const own = { address: '::ffff:192.0.2.1', localAddress: '192.0.2.1', reach: 'any' } as const;
    expect(dialTarget({ ...own, port: 2525 }, options)).toMatchObject({ ok: false, message: expect.stringContaining('own listener') });
    expect(dialTarget({ ...own, port: 25 }, options)).toMatchObject({ ok: true });
  });
});
