// Hands in mail over several sessions and keeps the only ledger that counts: what was answered 250. What got no answer is unknown to the
// injector and may or may not arrive; what is in the ledger must.
import type { Installation } from '@sluice/bench/installation';
import { mailer, type TestTenant } from '../../delivery/tenant.ts';

export type Ledger = Set<string>;
export const ledgerKey = (messageId: string, recipient: string) => `${messageId} ${recipient}`;

/**
 * Sends to the addresses that `nextRecipient` yields until it yields null or `stopped` says so, `sessions` at a time.
 * with `pauseMs` between two of a session. Returns the number refused or broken off.
 */
export async function inject(
  at: Pick<Installation, 'ports'>,
  tenant: TestTenant,
  ledger: Ledger,
  options: {
    sessions: number;
    nextRecipient: () => string | null;
    stopped: () => boolean;
    bytes: number;
    pauseMs?: number;
    /** Told the reply code of each refusal; null when there was no reply. */
    onUnanswered?: (code: number | null) => void;
  },
): Promise<{ unanswered: number }> {
  const transport = mailer(at, tenant, { maxConnections: options.sessions, plaintext: true });
  const text = 'A line of a message that is as long as most lines are.\r\n'.repeat(Math.max(1, Math.round(options.bytes / 56)));
  let unanswered = 0;
  const lane = async () => {
    for (let recipient = options.nextRecipient(); recipient !== null && !options.stopped(); recipient = options.nextRecipient()) {
      const messageId = `<${crypto.randomUUID()}@${tenant.domain}>`;
      try {
        await transport.sendMail({ from: `news@${tenant.domain}`, to: recipient, subject: 'drill', messageId, text });
        ledger.add(ledgerKey(messageId, recipient));
      } catch (error) {
        unanswered += 1;
        const code = error instanceof Error && 'responseCode' in error ? error.responseCode : null;
        options.onUnanswered?.(typeof code === 'number' ? code : null);
      }
      if (options.pauseMs) await new Promise((resolve) => setTimeout(resolve, options.pauseMs));
    }
  };
  await Promise.all(Array.from({ length: options.sessions }, lane));
  transport.close();
  return { unanswered };
}
