// Reports as a mail program and a bounce processor would read them.
import { describe, expect, it } from 'vitest';
import { inspectContent } from './inspect.ts';
import { buildReport, maxReturnedBytes, type ReportInput } from './report.ts';
import type { ReportedRecipient } from './report-fields.ts';

const original = Buffer.from('Received: from x\r\nFrom: <a@tenant.example>\r\nSubject: offer\r\n\r\nsecret body\r\n');
const refused: ReportedRecipient = {
  address: 'bob@x.example',
  orcpt: 'rfc822;Bob+2Bnews@x.example',
  reply: { code: 550, enhanced: '5.1.1', text: 'no such user\nsee our page', command: 'rcpt' },
  detail: null,
  mxHost: 'mx.x.example',
  lastAttemptAt: Date.UTC(2026, 10, 23, 12),
  expired: false,
  willRetryUntil: null,
};

function report(changes: Partial<ReportInput> = {}): string {
  const bytes = buildReport({
    action: 'failed',
    id: '0199aaaa-0000-7000-8000-000000000001',
    nowMs: Date.UTC(2026, 10, 23, 12),
    host: 'mta.example',
    to: 'bounce@tenant.example',
    envid: 'q1',
    acceptedAt: Date.UTC(2026, 10, 23, 11),
    recipients: [refused],
    original: { bytes: original, headerBytes: original.indexOf('\r\n\r\n') + 4 },
    ret: null,
    ...changes,
  });
  const inspected = inspectContent(bytes);
  expect(inspected).toMatchObject({ ok: true, facts: { fromDomain: 'tenant.example' } });
  return bytes.toString('utf8');
}

const parts = (text: string): string[] => text.split(/\r\n--=_[0-9a-f-]+(?:--)?\r\n/).slice(1, -1);
const unfolded = (text: string): string => text.replace(/\r\n(?= )/g, '');

describe('a report', () => {
  it('has a text, the fields of RFC 3464 for message and recipient, and the header of the message', () => {
    const [text = '', status = '', header = ''] = parts(report());
    expect(text).toContain('bob@x.example');
    expect(text).toContain('> 550 5.1.1 no such user see our page');
    expect(unfolded(status)).toBe(
      [
        'Content-Type: message/delivery-status',
        '',
        'Reporting-MTA: dns; mta.example',
        'Original-Envelope-Id: q1',
        'Arrival-Date: Mon, 23 Nov 2026 11:00:00 +0000',
        '',
        'Original-Recipient: rfc822; Bob+news@x.example',
        'Final-Recipient: rfc822; bob@x.example',
        'Action: failed',
        'Status: 5.1.1',
        'Remote-MTA: dns; mx.x.example',
        'Diagnostic-Code: smtp; 550 5.1.1 no such user see our page',
        'Last-Attempt-Date: Mon, 23 Nov 2026 12:00:00 +0000',
        '',
      ].join('\r\n'),
    );
    expect(header).toMatch(/^Content-Type: text\/rfc822-headers\r\n\r\nReceived: from x\r\n/);
    expect(header).not.toContain('secret body');
  });

  it('carries the whole message only for a failure with RET=FULL, and only up to a bound', () => {
    const full = { original: { bytes: original, headerBytes: 60 }, ret: 'FULL' } as const;
    expect(parts(report(full))[2]).toContain('Content-Type: message/rfc822');
    expect(report(full)).toContain('secret body');
    expect(report({ ...full, ret: 'HDRS' })).not.toContain('secret body');
    expect(report({ ...full, action: 'delayed' })).not.toContain('secret body');
    const large = Buffer.concat([original, Buffer.from('large body\r\n'.repeat(maxReturnedBytes / 10))]);
    expect(report({ ...full, original: { bytes: large, headerBytes: original.indexOf('\r\n\r\n') + 4 } })).not.toContain('large body');
  });

  it('lets no reply, address or envelope id add a field, a part or a line of its own', () => {
    const evil = 'x\r\nAction: delivered\r\n\r\n--=_0199aaaa-0000-7000-8000-000000000001\r\nContent-Type: text/html\u202e\u0000';
    const hostile = {
      ...refused,
      mxHost: evil,
      orcpt: `rfc822;${evil}`,
      reply: { code: 550, enhanced: evil, text: evil.repeat(50), command: 'rcpt' as const },
    };
    const text = report({ envid: evil, host: evil, recipients: [hostile] });
    expect(parts(text).length).toBe(3);
    const status = parts(text)[1] ?? '';
    expect(status.match(/^Action:/gm)).toEqual(['Action:']);
    expect(status.match(/^Content-Type:/gm)).toEqual(['Content-Type:']);
    expect(/[^\r\n\t\u0020-\u007e]/.test(text)).toBe(false);
    expect(Math.max(...text.split('\r\n').map((line) => line.length))).toBeLessThan(400);
    expect(text.length).toBeLessThan(12_000);
  });

  it('stays 7 bit for addresses and headers beyond ASCII', () => {
    const header = Buffer.from('From: <jörg@tenant.example>\r\nSubject: ümlaut\r\n\r\n');
    const text = report({
      recipients: [{ ...refused, address: 'jörg@x.example', orcpt: null }],
      original: { bytes: header, headerBytes: header.length },
    });
    expect(unfolded(text)).toContain('Final-Recipient: utf-8; j\\x{F6}rg@x.example');
    expect(text).toContain('Content-Type: message/global-headers\r\nContent-Transfer-Encoding: base64');
    expect(/^[\u0000-\u007f]*$/.test(text)).toBe(true);
  });

  it('says addresses beyond ASCII as they are to a sender whose own address is one', () => {
    const orcpt = 'utf-8;j+5Cx{F6}rg+2Btag@x.example';
    const text = report({ to: 'jürgen@tenant.example', recipients: [{ ...refused, address: 'jörg+tag@x.example', orcpt }] });
    expect(text).toContain('Content-Type: message/global-delivery-status\r\nContent-Transfer-Encoding: 8bit\r\n\r\n');
    expect(text.slice(0, text.indexOf('\r\n\r\n'))).toContain('Content-Transfer-Encoding: 8bit');
    expect(unfolded(text)).toContain('Original-Recipient: utf-8; jörg\\x{2B}tag@x.example');
    expect(unfolded(text)).toContain('Final-Recipient: utf-8; jörg\\x{2B}tag@x.example');
    const plain = report({ recipients: [{ ...refused, address: 'jörg+tag@x.example', orcpt }] });
    expect(plain).toContain('Content-Type: message/delivery-status\r\n\r\n');
    expect(unfolded(plain)).toContain('Original-Recipient: utf-8; j\\x{F6}rg\\x{2B}tag@x.example');
    expect(unfolded(plain)).toContain('Final-Recipient: utf-8; j\\x{F6}rg\\x{2B}tag@x.example');
  });

  it('gives each action a status of its class', () => {
    const status = (changes: Partial<ReportInput>) => /^Status: (.*)$/m.exec(report(changes))?.[1]?.trim();
    expect(status({ recipients: [{ ...refused, expired: true }] })).toBe('4.4.7');
    expect(status({ recipients: [{ ...refused, reply: { code: 550, enhanced: null, text: 'no', command: 'rcpt' } }] })).toBe('5.0.0');
    expect(status({ recipients: [{ ...refused, reply: null, detail: '5.1.10 takes no mail (null MX)' }] })).toBe('5.1.10');
    expect(status({ action: 'delayed' })).toBe('4.0.0');
    expect(status({ action: 'relayed' })).toBe('2.0.0');
    expect(report({ action: 'delayed', recipients: [{ ...refused, willRetryUntil: Date.UTC(2026, 10, 25) }] })).toContain(
      'Will-Retry-Until: Wed, 25 Nov 2026 00:00:00 +0000',
    );
  });
});
