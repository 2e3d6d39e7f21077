// Every reply rule of every preset, proven by its samples: it matches each of them, and no earlier rule of the provider swallows one.
import type { BounceClass } from '@sluice/contract';
import { checkReplyRules, compiledReplyRules, readReply } from '@sluice/policy';
import { providerPresets, simulatedPresets, type ReactionReplies, type SampleReplies } from '@sluice/providers';
import { describe, expect, test } from 'vitest';

const rules = providerPresets.flatMap((preset) => preset.replyRules);
const samples = rules.flatMap((rule) => rule.samples);

describe(`${providerPresets.length} providers, ${rules.length} rules, ${samples.length} samples`, () => {
  test('there are at least twenty providers', () => {
    expect(providerPresets.length).toBeGreaterThanOrEqual(20);
  });

  test.each(providerPresets.map((preset) => [preset.key, preset] as const))('%s: each rule takes its own samples', (_, preset) => {
    expect(checkReplyRules(preset.replyRules)).toEqual([]);
    const compiled = compiledReplyRules(preset.replyRules);
    for (const rule of preset.replyRules) {
      for (const sample of rule.samples) expect([sample.text, readReply(compiled, sample, 'rcpt')?.key]).toEqual([sample.text, rule.key]);
    }
  });
});

const expected: Record<Exclude<keyof SampleReplies, 'accepted'>, object> = {
  rateLimited: { bounceClass: 'rate_limited', identity: 'source', remedy: 'slow_down' },
  connectionLimited: { remedy: 'fewer_connections' },
  unknownMailbox: { bounceClass: 'bad_mailbox', remedy: 'suppress_recipient' },
  mailboxFull: { bounceClass: 'mailbox_full', identity: 'recipient' },
  recipientBusy: { bounceClass: 'rate_limited', identity: 'recipient', remedy: 'none' },
  temporaryFailure: { bounceClass: 'other', identity: 'none', remedy: 'none' },
};

/** Of what a provider says to a sender whose sending it does not like: a rate or a policy, never the mailbox. */
const reactionClasses: Record<keyof ReactionReplies, BounceClass[]> = {
  poorReputation: ['policy', 'rate_limited'],
  blocked: ['policy'],
  dkimDomainTooFast: ['rate_limited'],
  envelopeDomainTooFast: ['rate_limited'],
  greylisted: ['other', 'rate_limited'],
};

test.each(simulatedPresets.map((preset) => [preset.key, preset] as const))('%s: what the simulator says is understood', (_, preset) => {
  const compiled = compiledReplyRules(preset.replyRules);
  const { accepted, ...refusals } = preset.simulated.replies;
  expect(readReply(compiled, accepted, 'message')).toBeNull();
  for (const [meaning, facts] of Object.entries(expected)) {
    const reply = refusals[meaning as keyof typeof refusals];
    expect([meaning, readReply(compiled, reply, 'rcpt')]).toEqual([meaning, expect.objectContaining(facts)]);
  }
  const { reactions } = preset.simulated;
  for (const [meaning, classes] of Object.entries(reactionClasses)) {
    const read = readReply(compiled, reactions[meaning as keyof typeof reactions], 'mail');
    expect([meaning, classes]).toEqual([meaning, expect.arrayContaining([read?.bounceClass])]);
  }
});
