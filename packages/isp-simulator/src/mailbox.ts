// What a local part asks for. Tests and demonstrations choose a reply by the address they write to, at any host of the sandbox:
//   unknown.*   no such mailbox              full.*      mailbox full (temporary)     busy.*   this mailbox gets mail too fast
//   greylist.*  451 until 5 s after the first try from the same source and sender    tempfail.*  temporary failure after the message
//   reject.*    554 after the message        slow.*      reply to the final dot after 3 s
//   drop.*      connection closed after the final dot without a reply, message kept   lose.*   the same, message not kept
//   complain.*  takes the mail and complains of it: the provider thinks the less of whoever sent it
// Anything else is a mailbox that takes mail.

export const mailboxRules = ['unknown', 'full', 'busy', 'greylist', 'tempfail', 'reject', 'slow', 'drop', 'lose', 'complain'] as const;
export type MailboxRule = (typeof mailboxRules)[number] | 'normal';

/** The rule's name alone, or before a dot or a plus. */
const rulePattern = new RegExp(`^(${mailboxRules.join('|')})(?:[.+].*)?@[^@]*$`, 'i');

export function ruleOf(address: string): MailboxRule {
  return (rulePattern.exec(address)?.[1]?.toLowerCase() as MailboxRule | undefined) ?? 'normal';
}

export const greylistMs = 5_000;
export const slowReplyMs = 3_000;
