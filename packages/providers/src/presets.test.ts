// What others build on the presets: suffixes that match the MX hosts they claim, replies that parse, ids that can be read back, bodies
// that a node takes. That every rule matches its samples is proven where rules are read (control/egress/preset-rules.test.ts).
import { providerBody } from '@sluice/contract';
import { describe, expect, test } from 'vitest';
import { customerMx, fillReply, outlook, providerPresets, replyLines, simulatedPresets } from './index.ts';

const places = { source: '127.2.0.1', recipient: 'ann@gmail.com', id: 'abc123', host: 'mx.gmail.com' };
const belongs = (host: string, suffix: string) => host === suffix || host.endsWith(`.${suffix}`);

describe.each(simulatedPresets.map((preset) => [preset.key, preset] as const))('%s, simulated', (_, preset) => {
  test('every MX host belongs to it by suffix, and to no other preset', () => {
    const hosts = [...preset.simulated.mxHosts, customerMx(preset, 'contoso.com')].filter((mx) => mx !== null).map((mx) => mx.exchange);
    for (const host of hosts) {
      const owners = providerPresets.filter((candidate) => candidate.mxSuffixes.some((suffix) => belongs(host, suffix)));
      expect(owners.map((owner) => owner.key)).toEqual([preset.key]);
    }
  });

  test('every reply is well formed and its class fits its meaning', () => {
    for (const [meaning, reply] of Object.entries(preset.simulated.replies)) {
      const lines = replyLines(fillReply(reply, places)).split('\r\n');
      expect(lines.pop()).toBe('');
      for (const line of lines) expect(line).toMatch(/^[245][0-9]{2}[ -][\x20-\x7e]*$/);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(510); // RFC 5321 section 4.5.3.1.5, without CRLF
      expect(lines.at(-1)?.charAt(3)).toBe(' ');
      expect(String(reply.code)[0]).toBe(meaning === 'accepted' ? '2' : meaning === 'unknownMailbox' ? '5' : '4');
      if (reply.enhanced) expect(reply.enhanced[0]).toBe(String(reply.code)[0]);
    }
  });

  test('the id of an accepting reply can be read back', () => {
    expect(preset.simulated.acceptedIdPattern.exec(replyLines(fillReply(preset.simulated.replies.accepted, places)))?.[1]).toBe('abc123');
  });
});

describe.each(providerPresets.map((preset) => [preset.key, preset] as const))('%s', (_, preset) => {
  test('is a body that a node takes, unchanged', () => {
    const { key, name, mxSuffixes, replyRules } = preset;
    expect(providerBody.parse({ key, name, mxSuffixes, replyRules })).toMatchObject({ key, name, mxSuffixes, replyRules });
  });

  test('has one rate and one connection limit to start with, and rules whose keys are its own', () => {
    expect(preset.limits.map((limit) => limit.kind).sort()).toEqual(['connections', 'message_rate']);
    for (const { key } of preset.replyRules) expect(key.startsWith(`${preset.key}.`)).toBe(true);
  });
});

test('every suffix belongs to exactly one preset, none lies below another, and no key or name stands twice', () => {
  const suffixes = providerPresets.flatMap((preset) => preset.mxSuffixes);
  for (const suffix of suffixes) expect([suffix, suffixes.filter((other) => belongs(suffix, other))]).toEqual([suffix, [suffix]]);
  for (const field of ['key', 'name'] as const)
    expect(new Set(providerPresets.map((preset) => preset[field])).size).toBe(providerPresets.length);
});

test('a Microsoft 365 customer has an MX host made of its domain', () => {
  expect(customerMx(outlook, 'contoso.com')).toEqual({ exchange: 'contoso-com.mail.protection.outlook.com', preference: 0 });
});

test('a filled-in value cannot forge a reply line', () => {
  const filled = fillReply({ code: 550, enhanced: null, text: 'no {recipient}' }, { ...places, recipient: 'a\r\n250 ok' });
  expect(replyLines(filled)).toBe('550 no a  250 ok\r\n');
});
