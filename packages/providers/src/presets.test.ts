// What others build on the presets: suffixes that match the MX hosts they claim, replies that parse, ids that can be read back.
import { describe, expect, test } from 'vitest';
import { customerMx, fillReply, outlook, providerPresets } from './index.ts';

const places = { source: '127.2.0.1', recipient: 'ann@gmail.com', id: 'abc123', host: 'mx.gmail.com' };
const belongs = (host: string, suffix: string) => host === suffix || host.endsWith(`.${suffix}`);

describe.each(providerPresets.map((preset) => [preset.key, preset] as const))('%s', (_, preset) => {
  test('every MX host belongs to it by suffix, and to no other preset', () => {
    const hosts = [...preset.mxHosts, customerMx(preset, 'contoso.com')].filter((mx) => mx !== null).map((mx) => mx.exchange);
    for (const host of hosts) {
      const owners = providerPresets.filter((candidate) => candidate.mxSuffixes.some((suffix) => belongs(host, suffix)));
      expect(owners.map((owner) => owner.key)).toEqual([preset.key]);
    }
  });

  test('every reply is well formed and its class fits its meaning', () => {
    for (const [meaning, reply] of Object.entries(preset.replies)) {
      const lines = fillReply(reply, places).split('\r\n');
      expect(lines.pop()).toBe('');
      for (const line of lines) expect(line).toMatch(/^[245][0-9]{2}[ -][\x20-\x7e]*$/);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(510); // RFC 5321 section 4.5.3.1.5, without CRLF
      expect(lines.at(-1)?.charAt(3)).toBe(' ');
      expect(String(reply.code)[0]).toBe(meaning === 'accepted' ? '2' : meaning === 'unknownMailbox' ? '5' : '4');
      if (reply.enhanced) expect(reply.enhanced[0]).toBe(String(reply.code)[0]);
    }
  });

  test('the id of an accepting reply can be read back', () => {
    expect(preset.acceptedIdPattern.exec(fillReply(preset.replies.accepted, places))?.[1]).toBe('abc123');
  });

  test('has one rate and one connection limit to start with', () => {
    expect(preset.defaultLimits.map((limit) => limit.kind).sort()).toEqual(['connections', 'message_rate']);
  });
});

test('a Microsoft 365 customer has an MX host made of its domain', () => {
  expect(customerMx(outlook, 'contoso.com')).toEqual({ exchange: 'contoso-com.mail.protection.outlook.com', preference: 0 });
});

test('a filled-in value cannot forge a reply line', () => {
  expect(fillReply({ code: 550, enhanced: null, text: 'no {recipient}' }, { ...places, recipient: 'a\r\n250 ok' })).toBe(
    '550 no a  250 ok\r\n',
  );
});
