// Which networks may become a relay.
import { expect, test } from 'vitest';
import { assertNetwork } from './network.ts';

test.each(['10.0.0.0/8', '192.0.2.7/32', '192.0.2.128/25', '2001:db8::/32', '2001:db8:1:2::/64', '::1/128', '2001:db8::c000:0/112'])(
  '%s is one',
  (cidr) => {
    expect(() => assertNetwork(cidr)).not.toThrow();
  },
);

test.each(['0.0.0.0/0', '10.0.0.0/7', '192.0.2.7/24', '10.0.0.1/8', '::/0', '2001::/16', '2001:db8::1/64', '2001:db8:1:2:8000::/64'])(
  '%s is refused',
  (cidr) => {
    expect(() => assertNetwork(cidr)).toThrow('cidr:');
  },
);
