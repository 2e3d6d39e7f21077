// What the machine says of its addresses.
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { systemClock } from './clock.ts';
import { createDialer } from './dialer.ts';
import { createSourceProber } from './source-prober.ts';

const prober = createSourceProber({ dialer: createDialer({ egress: 'sandbox', sandboxSmtpPort: 1 }), clock: systemClock });
const elsewhere = '192.0.2.9';

describe('addresses of the machine', () => {
  it('are those of its interfaces', () => {
    const here = prober.addresses();
    const listed = Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map(({ address }) => address));
    expect(listed.filter((address) => !here.has(address))).toEqual([]);
    expect(here.has(elsewhere)).toBe(false);
  });

  it.runIf(process.platform === 'linux')('are all of the loopback network, as binding one shows', async () => {
    const address = '127.77.0.3';
    expect(prober.addresses().has(address)).toBe(true);
    expect(await prober.bind(address)).toEqual({ ok: true, detail: `${address} can be bound` });
    expect(await prober.bind(elsewhere)).toMatchObject({ ok: false, detail: expect.stringContaining('EADDRNOTAVAIL') as string });
  });
});
