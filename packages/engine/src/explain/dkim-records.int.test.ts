// A node asks DNS for the records of selectors: what is there, what is not, and what did not come in time are three answers.
import { afterEach, expect, it } from 'vitest';
import { DnsServer } from '@sluice/isp-simulator';
import { createResolver, systemClock as clock } from '../host/index.ts';
import { dkimRecords } from './dkim-records.ts';

const dns = new DnsServer();
afterEach(() => dns.close());
const nameOf = (selector: string) => `${selector}._domainkey.brand.example`;

it('tells records, none, and no answer apart, and waits for nobody longer than the console would', async () => {
  const server = await dns.listen('127.0.0.1', 0);
  const text = `v=DKIM1; k=rsa; p=${'A'.repeat(392)}`;
  dns.override(nameOf('there'), 'TXT', { kind: 'records', records: [{ type: 'TXT', data: text }] });
  dns.override(nameOf('silent'), 'TXT', { kind: 'silence' });
  dns.override(nameOf('broken'), 'TXT', { kind: 'servfail' });
  const resolver = createResolver({ servers: [server] }, clock);
  const startedMs = clock.monotonicMs();
  const answer = await dkimRecords({ resolver, clock }, ['there', 'nowhere', 'silent', 'broken'].map(nameOf));
  expect(clock.monotonicMs() - startedMs).toBeLessThan(2_500);
  expect(answer).toEqual({
    kind: 'dkim_records',
    records: [
      { name: nameOf('there'), texts: [text] },
      { name: nameOf('nowhere'), texts: [] },
      { name: nameOf('silent'), texts: null },
      { name: nameOf('broken'), texts: null },
    ],
  });
});
