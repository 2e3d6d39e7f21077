import { describe, expect, it } from 'vitest';
import { judgeNames, reverseNameOf, type NameFacts } from './reverse-name.ts';

describe('the reverse name of an address', () => {
  it('of IPv4 has the octets turned round. RFC 1035 section 3.5', () => {
    expect(reverseNameOf('203.0.113.7')).toBe('7.113.0.203.in-addr.arpa');
  });
  it('of IPv6 has every nibble. RFC 3596 section 2.5', () => {
    const name = 'b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa';
    expect(reverseNameOf('2001:db8::567:89ab')).toBe(name);
    expect(reverseNameOf('2001:0db8:0:0:0:0:0567:89AB')).toBe(name);
    expect(reverseNameOf('::ffff:1.2.3.4')).toMatch(/^4\.0\.3\.0\.2\.0\.1\.0\.f\.f\.f\.f\.0/);
  });
});

describe('names', () => {
  const good: NameFacts = {
    address: '203.0.113.7',
    ehloName: 'mta1.example.com',
    names: ['mta1.example.com'],
    forward: new Map([['mta1.example.com', ['203.0.113.7']]]),
    ehloAddresses: ['203.0.113.7'],
  };
  const state = (changes: Partial<NameFacts>) => judgeNames({ ...good, ...changes }).state;

  it('are good when the address leads to the name of EHLO and back', () => {
    expect(judgeNames(good)).toMatchObject({ state: 'good', remedy: '' });
  });
  it('are missing without a PTR record, and the record to ask for is named', () => {
    expect(judgeNames({ ...good, names: [] }).remedy).toContain('PTR record of 203.0.113.7 that names mta1.example.com');
  });
  it('are not confirmed when no name leads back', () => {
    expect(state({ forward: new Map([['mta1.example.com', ['203.0.113.8']]]) })).toBe('not_confirmed');
  });
  it('differ from EHLO when the reverse name is another, worse when EHLO leads elsewhere', () => {
    const other = { names: ['host7.isp.example'], forward: new Map([['host7.isp.example', ['203.0.113.7']]]) };
    expect(state(other)).toBe('ehlo_differs');
    expect(state({ ...other, ehloAddresses: [] })).toBe('ehlo_unknown');
  });
  it('are no finding while DNS does not answer', () => {
    expect(state({ names: null })).toBe('unanswered');
    expect(state({ forward: new Map([['mta1.example.com', null]]) })).toBe('unanswered');
  });
});
